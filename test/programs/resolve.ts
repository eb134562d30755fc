/** A process of its own that asks a registry for a manifest, as the CLI does: `{repository, reference}`. Prints `{digest}` or `{code, message, fix}`. */
import process from 'node:process'
import {AppError} from '../../src/lib/errors.ts'
import {useEnvironmentProxy} from '../../src/lib/registry/environment-proxy.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'

const {repository, reference} = JSON.parse(process.argv[2] ?? '') as {repository: string; reference: string}
useEnvironmentProxy(process.env)
try {
  const {descriptor} = await openRegistry(repository, {attempts: 1}).resolve(reference)
  process.stdout.write(JSON.stringify({digest: descriptor.digest}))
} catch (error) {
  if (!(error instanceof AppError)) throw error
  process.stdout.write(JSON.stringify({code: error.code, message: error.message, fix: error.suggestions.join(' ')}))
}

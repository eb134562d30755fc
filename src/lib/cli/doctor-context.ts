/** The composition root of `doctor`, which must work in spite of a broken configuration. */
import {hostname} from 'node:os'
import process from 'node:process'
import {ciFacts, claimedCommit} from '../ci/facts.ts'
import {gatherGit, type RunGit} from '../ci/git.ts'
import {AppError} from '../errors.ts'
import {parseStoreAddress} from '../evidence/store-address.ts'
import type {FetchDocument} from '../ports/documents.ts'
import type {DoctorContext} from '../ports/machine.ts'
import type {ContextFlags} from './context.ts'
import {createProgress} from './progress.ts'
import {userName} from './user-name.ts'

/** Milliseconds; doctor asks once, and does not wait as long as a step that needs the answer. */
const TIMEOUT = 10_000

export async function createDoctorContext(flags: ContextFlags): Promise<DoctorContext> {
  const cwd = process.cwd()
  const {env} = process
  const [{run}, {createProbe}, {createLocate}, {projectFiles}, {fileReader}, {effectiveConfig}] = await Promise.all([
    import('../process.ts'),
    import('../machine/probe.ts'),
    import('../toolbox/locate.ts'),
    import('../project/project-files.ts'),
    import('../stores/file-reader.ts'),
    import('./config-context.ts'),
  ])
  const gitIn =
    (folder: string): RunGit =>
    async (args) => {
      const result = await run(['git', ...args], {cwd: folder, timeout: 20_000})
      return result.kind === 'exited' ? result : undefined
    }
  const fetchDocument: FetchDocument = async (address) => {
    const [{fetchDocument: fetchNow}, {useEnvironmentProxy}] = await Promise.all([
      import('../documents/fetch-document.ts'),
      import('../registry/environment-proxy.ts'),
    ])
    useEnvironmentProxy(env)
    return fetchNow(address)
  }
  const locate = createLocate({cwd, env}, run)
  const files = projectFiles(gitIn)
  return {
    config: await effectiveConfig(flags, {}, {cwd, env, files: fileReader, fetchDocument, verifySignature}).catch(reported),
    files: fileReader,
    ci: ciFacts(env, await gatherGit(gitIn(cwd), claimedCommit(env)), {name: hostname(), user: userName()}),
    now: () => new Date(),
    progress: createProgress(),
    probe: createProbe({
      tool: locate,
      async advisories() {
        const {advisoryFolder, readAdvisoryDatabase} = await import('../scanners/advisory-database.ts')
        return readAdvisoryDatabase(advisoryFolder((name) => env[name]))
      },
      async bucket(address) {
        const [{openBucket}, {useEnvironmentProxy}] = await Promise.all([import('../stores/s3/open-bucket.ts'), import('../registry/environment-proxy.ts')])
        useEnvironmentProxy(env)
        const place = parseStoreAddress(address)
        if (place.kind === 'folder') throw new AppError('store.unsupported', `${address} is a folder`)
        return (await openBucket(place, {attempts: 1, again: 1, total: TIMEOUT})).controls.settings()
      },
      async registry(repository) {
        const [{openRegistry}, {createAskCredentialHelper}] = await Promise.all([
          import('../registry/open-registry.ts'),
          import('../toolbox/credential-helper.ts'),
        ])
        const answer = openRegistry(repository, {attempts: 1, total: TIMEOUT, askHelper: createAskCredentialHelper({cwd, env})}).resolve('latest')
        await answer.catch((error: unknown) => {
          // No such tag: it was asked, and it answered.
          if (!(error instanceof AppError) || error.code !== 'image.not-found') throw error
        })
      },
      tracking: async (path) => files.tracking(path),
    }),
  }
}

async function verifySignature() {
  return (await import('../sigstore/verify-signature.ts')).verifySignature
}

/** A fault of the configuration, or of the platform's policy under it, is what doctor is there to tell; a flag that names no file is not. */
function reported(error: unknown): AppError {
  if (error instanceof AppError && /^(config|policy|key)\./.test(error.code)) return error
  throw error
}

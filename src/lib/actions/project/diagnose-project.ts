/** What the configuration names: the store, the registries. */
import {AppError, REASONS} from '../../errors.ts'
import {parseStoreAddress} from '../../evidence/store-address.ts'
import type {DoctorContext} from '../../ports/machine.ts'
import {checkBucket} from './diagnose-bucket.ts'
import {about, fault, ok, unchecked, UNSEEN, warn, type Check} from './diagnosis.ts'

const GIB = 1024 ** 3

export async function checkConfig({config}: DoctorContext): Promise<Check[]> {
  if (config instanceof AppError) return [fault('configuration', config)]
  if (config.file === undefined) return [warn('configuration', 'there is no hipaa-ci.yaml here or above', REASONS['config.missing'].fix)]
  return [ok('configuration', config.file, {file: config.file, system: config.system})]
}

export async function checkStore({config, probe}: DoctorContext): Promise<Check[]> {
  const name = 'evidence store'
  if (config instanceof AppError) return [unchecked(name, UNSEEN, 'Correct the configuration first.')]
  const {store} = config
  if (parseStoreAddress(store).kind === 's3') return [await checkBucket(name, store, probe)]
  try {
    const facts = await probe.store(store)
    const gib = (facts.freeBytes / GIB).toFixed(1)
    if (!facts.writable) return [{...fault(name, new AppError('store.unreachable', `${store} cannot be written`)), state: 'wrong'}]
    if (facts.freeBytes < GIB) return [warn(name, `${store} has only ${gib} GiB free`, 'Make room on that disk.', {...facts})]
    return [ok(name, `${store}${facts.exists ? '' : ', made with the first record'}, ${gib} GiB free`, {...facts})]
  } catch (error) {
    return [fault(name, error)]
  }
}

/** Those that an environment names; each once. */
export async function checkRegistries({config, probe, progress}: DoctorContext): Promise<Check[]> {
  if (config instanceof AppError) return [unchecked('registry', UNSEEN, 'Correct the configuration first.')]
  const repositories = new Set(Object.values(config.environments).flatMap(({repository}) => repository ?? []))
  if (repositories.size === 0) return [ok('registry', 'not looked at: no environment names a repository')]
  const checks: Check[] = []
  for (const repository of repositories) {
    progress.step(`Asking for ${repository}`)
    checks.push(
      await probe.registry(repository).then(
        () => ok('registry', `${repository} answers`, {repository}),
        (error: unknown) => about('repository', repository, fault('registry', error)),
      ),
    )
  }
  return checks
}

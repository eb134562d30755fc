/** What the configuration names: the store, the signing key, the registries. */
import {join} from 'node:path'
import {AppError, REASONS} from '../../errors.ts'
import type {Config} from '../../config/schema.ts'
import type {DoctorContext} from '../../ports/machine.ts'
import {missingKeyFix} from '../keys/missing-key-fix.ts'
import {ignoreLine, ignorePlace} from './ignore-in-git.ts'
import {about, fault, missing, ok, unchecked, UNSEEN, warn, type Check} from './diagnosis.ts'

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

export async function checkKey({config, probe}: DoctorContext): Promise<Check[]> {
  const name = 'signing key'
  if (config instanceof AppError) return [unchecked(name, UNSEEN, 'Correct the configuration first.')]
  const path = config.signing.key?.replace(/^file:/, '')
  if (path !== undefined && path === config.signing.key) return [ok(name, `${path}, in a key service, which is not asked here: hipaa-ci keys show`)]
  if (path === undefined) return [warn(name, 'none is configured: sign and attest need --key', missingKeyFix(config))]
  try {
    const facts = await probe.keyFile(path)
    if (facts === undefined) return [missing(name, `there is no ${path}`, missingKeyFix(config), {path})]
    const mode = facts.mode.toString(8).padStart(4, '0')
    const told = {path, mode, tracking: facts.tracking}
    if (facts.tracking === 'tracked')
      return [warn(name, `${path} is in git: whoever can read the repository can sign`, 'Make a new key, and take this one out of what is trusted.', told)]
    if ((facts.mode & 0o077) !== 0) return [warn(name, `${path} can be read by others (mode ${mode})`, `chmod 600 ${path}`, told)]
    if (facts.tracking === 'untracked')
      return [warn(name, `${path} is not ignored by git: the next \`git add\` may take it in`, ignoreHint(path, config), told)]
    return [ok(name, `${path}, mode ${mode}, ${facts.tracking === 'ignored' ? 'ignored by git' : 'in no repository'}`, told)]
  } catch (error) {
    return [fault(name, error)]
  }
}

/** The line names the key with its folder, from where the configuration lies; beside the key where that is elsewhere. */
function ignoreHint(key: string, {root}: Config): string {
  const {folder, path} = ignorePlace(key, [root])
  return `echo ${quoted(ignoreLine(path))} >> ${folder === root ? '.gitignore' : quoted(join(folder, '.gitignore'))}`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
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

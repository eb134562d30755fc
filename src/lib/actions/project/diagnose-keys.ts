/** The keys that this project signs and seals with: there, out of the sight of others and of git. Neither is opened. */
import {join} from 'node:path'
import {AppError, REASONS} from '../../errors.ts'
import {shellQuoted} from '../../evidence/shell-quoted.ts'
import type {Config} from '../../config/schema.ts'
import {parseVerifierKey} from '../../ledger/note.ts'
import type {DoctorContext} from '../../ports/machine.ts'
import {missingKeyFix} from '../keys/missing-key-fix.ts'
import {fault, missing, ok, unchecked, UNSEEN, warn, type Check} from './diagnosis.ts'
import {ignoreLine, ignorePlace} from './ignore-in-git.ts'

interface KeyFile {
  readonly name: string
  readonly path: string
  /** What whoever reads it can do. */
  readonly power: 'sign' | 'seal'
  /** Where it is not there. */
  readonly fix: string
}

export async function checkKey({config, probe}: DoctorContext): Promise<Check[]> {
  const name = 'signing key'
  if (config instanceof AppError) return [unchecked(name, UNSEEN, 'Correct the configuration first.')]
  const path = config.signing.key?.replace(/^file:/, '')
  if (path !== undefined && path === config.signing.key) return [ok(name, `${path}, in a key service, which is not asked here: hipaa-ci keys show`)]
  if (path === undefined) return [warn(name, 'none is configured: sign and attest need --key', missingKeyFix(config))]
  return [await checkFile({name, path, power: 'sign', fix: missingKeyFix(config)}, config, probe)]
}

export async function checkSealing({config, probe}: DoctorContext): Promise<Check[]> {
  const name = 'sealing'
  if (config instanceof AppError) return [unchecked(name, UNSEEN, 'Correct the configuration first.')]
  const {sealing} = config
  if (sealing === undefined) return [warn(name, 'is not configured: what is removed from the store later cannot be proved', REASONS['sealing.missing'].fix)]
  const {origin, key, keys = []} = sealing
  try {
    const stray = keys.map(parseVerifierKey).find((one) => one.name !== origin)
    if (stray !== undefined)
      return [warn(name, `the log is called ${origin}, and ${stray.text} is a key of another one: it counts for nothing here`, 'Correct `sealing.keys`.')]
  } catch (error) {
    return [fault(name, error)]
  }
  if (key === undefined) return [ok(name, `${origin} is sealed elsewhere; here ${keys.length} of its keys count`, {origin})]
  const path = /^file:(.+)$/s.exec(key)?.[1]
  if (path === undefined) return [ok(name, `${origin}, by ${key}, in a key service, which is not asked here`, {origin})]
  const check = await checkFile(
    {name, path, power: 'seal', fix: 'Put the key there, or make another: hipaa-ci keys generate checkpoint --for sealing'},
    config,
    probe,
  )
  return [{...check, ...(check.state === 'ok' && {message: `${origin}, by ${check.message}`}), facts: {...check.facts, origin}}]
}

async function checkFile({name, path, power, fix}: KeyFile, config: Config, probe: DoctorContext['probe']): Promise<Check> {
  try {
    const facts = await probe.keyFile(path)
    if (facts === undefined) return missing(name, `there is no ${path}`, fix, {path})
    const mode = facts.mode.toString(8).padStart(4, '0')
    const told = {path, mode, tracking: facts.tracking}
    if (facts.tracking === 'tracked')
      return warn(name, `${path} is in git: whoever can read the repository can ${power}`, 'Make a new key, and take this one out of what is trusted.', told)
    if ((facts.mode & 0o077) !== 0) return warn(name, `${path} can be read by others (mode ${mode})`, `chmod 600 ${path}`, told)
    if (facts.tracking === 'untracked') return warn(name, `${path} is not ignored by git: the next \`git add\` may take it in`, ignoreHint(path, config), told)
    return ok(name, `${path}, mode ${mode}, ${facts.tracking === 'ignored' ? 'ignored by git' : 'in no repository'}`, told)
  } catch (error) {
    return fault(name, error)
  }
}

/** The line names the key with its folder, from where the configuration lies; beside the key where that is elsewhere. */
function ignoreHint(key: string, {root}: Config): string {
  const {folder, path} = ignorePlace(key, [root])
  return `echo ${shellQuoted(ignoreLine(path))} >> ${folder === root ? '.gitignore' : shellQuoted(join(folder, '.gitignore'))}`
}

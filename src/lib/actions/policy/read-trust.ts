/** What a policy trusts besides keys: the root that vouches for identities, and the authorities whose timestamps count. */
import {resolve} from 'node:path'
import type {TimestampPin} from '../../config/fields.ts'
import {AppError} from '../../errors.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {TimestampAuthority} from '../../ports/signatures.ts'
import {pinnedFile, type PolicyFiles} from './pinned-file.ts'

export interface TrustedRootFile {
  readonly json: unknown
  /** Of the file, hex: what vouches for identities is a part of the policy. */
  readonly sha256: string
  readonly bytes: Uint8Array
}

/**
 * The file of `trusted-root`. Nothing is downloaded: an identity that nothing here vouches for is not trusted.
 * @param asker what names an identity, at the start of a sentence
 * @throws AppError `policy.invalid`
 */
export async function readTrustedRoot(asker: string, context: PolicyFiles): Promise<TrustedRootFile> {
  const named = context.config['trusted-root']
  if (named === undefined)
    throw new AppError('policy.invalid', `${asker} trusts an identity, and \`trusted-root\` does not say who vouches for it`, {
      fix: 'Add --trusted-root FILE, or `trusted-root: FILE` to the configuration: a Sigstore trusted root as JSON.',
    })
  const {bytes, path} = await pinnedFile(named, 'trusted-root', context)
  try {
    const json: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'))
    if (typeof json === 'object' && json !== null) return {json, sha256: sha256Hex(bytes), bytes}
  } catch (cause) {
    throw new AppError('policy.invalid', `the trusted root ${path} is not JSON`, {cause})
  }
  throw new AppError('policy.invalid', `the trusted root ${path} is not a JSON object`)
}

/**
 * @param where the key of the configuration that pins them: `sealing.timestamp-authorities`
 * @throws AppError `policy.invalid` where a file is not there, or not the one that was pinned
 */
export async function readTimestampAuthorities(where: string, pins: readonly TimestampPin[], context: PolicyFiles): Promise<TimestampAuthority[]> {
  return Promise.all(
    pins.map(async ({file, sha256, from, until}) => {
      const path = resolve(context.config.root, file)
      const bytes = await policyFile(path, 'timestamp-authorities', context)
      const actual = `sha256:${sha256Hex(bytes)}`
      if (actual !== sha256) throw new AppError('policy.invalid', `the timestamp authority in ${path} is ${actual}, but ${where} pins ${sha256}`)
      return {chain: Buffer.from(bytes).toString('utf8'), ...(from !== undefined && {from}), ...(until !== undefined && {until})}
    }),
  )
}

/** Those that any environment pins: a new timestamp has to stand up to one of them. @throws AppError `policy.invalid` */
export async function allAuthorities(context: PolicyFiles): Promise<TimestampAuthority[]> {
  const pins = Object.entries(context.config.environments).map(([name, {requires}]) => [name, requires?.signature?.['timestamp-authorities'] ?? []] as const)
  return (await Promise.all(pins.map(async ([name, own]) => readTimestampAuthorities(authoritiesOf(name), own, context)))).flat()
}

/** Where an environment pins them. */
export function authoritiesOf(environment: string): string {
  return `environments.${environment}.requires.signature.timestamp-authorities`
}

async function policyFile(path: string, key: string, context: PolicyFiles): Promise<Uint8Array> {
  if (!(await context.files.exists(path)))
    throw new AppError('policy.invalid', `there is no file ${path}, which \`${key}\` names`, {fix: 'Put it there, or correct the path.'})
  return context.files.read(path)
}

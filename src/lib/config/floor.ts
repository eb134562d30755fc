/**
 * Lays the platform's policy under a configuration: what the file does not name
 * is the platform's, and what it names may only be tighter. Where nobody can ask
 * for the policy, the keys that it governs are left out: who does not know the
 * floor judges nothing.
 */
import {dirname, resolve} from 'node:path'
import {AppError} from '../errors.ts'
import {isWebAddress} from '../evidence/web-address.ts'
import {overlay} from '../policy/floor/overlay.ts'
import {weaknesses} from '../policy/floor/weaknesses.ts'
import type {NamedPolicy, ReadPolicy} from '../ports/documents.ts'
import {faultLines, keyText, type CheckedConfig} from './check.ts'
import {isMapping, valueAt} from './mapping.ts'
import {GOVERNED_KEYS, readPlatformPolicy, withAbsolutePaths, type ReadPlatformPolicy} from './platform-policy.ts'
import {Config} from './schema.ts'

/** What a floor does to the values of a configuration before they are checked. */
export interface FloorInForce {
  readonly prepare: (raw: unknown) => unknown
  /** Undefined where the policy was not asked for. */
  readonly platform?: ReadPlatformPolicy
}

/**
 * @param raw the configuration's values; @param root where its paths start from
 * @param given by --policy; stands in for `floor`
 * @returns undefined where there is no floor
 * @throws AppError `policy.*`
 */
export async function floorInForce(
  raw: unknown,
  root: string,
  given: NamedPolicy | undefined,
  readPolicy: ReadPolicy | undefined,
): Promise<FloorInForce | undefined> {
  const named = given ?? namedIn(raw, root)
  if (named === undefined) return undefined
  if (readPolicy === undefined) return {prepare: withoutGoverned}
  // An address has no folder; the files that such a policy names are pinned, so that they may lie here.
  const folder = isWebAddress(named.file) ? root : dirname(named.file)
  const platform = readPlatformPolicy(named.file, await readPolicy(named), folder)
  const governed = Object.fromEntries(Object.entries(platform.raw).filter(([key]) => GOVERNED_KEYS.includes(key)))
  return {platform, prepare: (own) => overlay(governed, withOwnPaths(own, root))}
}

/** @throws AppError `policy.weaker`, naming every place */
export function refuseWeaker({config, where}: CheckedConfig, platform: ReadPlatformPolicy): void {
  const found = weaknesses(config, platform.policy)
  if (found.length === 0) return
  const faults = found.map(({path, message}) => ({where: where(path), key: keyText(path), message}))
  throw new AppError('policy.weaker', faultLines(faults, "the configuration, which allows more than the platform's policy"))
}

/** A `floor` that is not as it should be is a fault of the configuration, and told as one. */
function namedIn(raw: unknown, root: string): NamedPolicy | undefined {
  const floor = Config.shape.floor.safeParse(valueAt(raw, ['floor'])).data
  if (floor === undefined) return undefined
  const {file, sha256, key} = floor
  return {
    asked: '`floor`',
    file: isWebAddress(file) ? file : resolve(root, file),
    ...(sha256 !== undefined && {sha256: sha256.replace(/^sha256:/, '')}),
    ...(key !== undefined && {key: {spki: key.spki, file: resolve(root, key.file)}}),
  }
}

function withoutGoverned(raw: unknown): unknown {
  return isMapping(raw) ? Object.fromEntries(Object.entries(raw).filter(([key]) => !GOVERNED_KEYS.includes(key))) : raw
}

/** Only under the keys that are governed: the others have their own rule for paths. */
function withOwnPaths(raw: unknown, root: string): unknown {
  if (!isMapping(raw)) return raw
  const governed = withAbsolutePaths(Object.fromEntries(Object.entries(raw).filter(([key]) => GOVERNED_KEYS.includes(key))), root)
  return isMapping(governed) ? {...raw, ...governed} : raw
}

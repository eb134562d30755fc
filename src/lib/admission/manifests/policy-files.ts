/**
 * The policy that a provider judges by, with every file that it names, as one ConfigMap beside the provider.
 *
 * Its name holds a digest of what is in it, and it cannot be changed: another policy is another object, and the provider
 * starts anew with it. So who changed what a cluster judges by stands in the audit log as a change of the StatefulSet.
 */
import {createHash} from 'node:crypto'
import {AppError} from '../../errors.ts'
import type {ClusterObject} from './cluster-object.ts'

export interface PolicyFile {
  /** Below the folder of the policy, `keys/release.pub`. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** What an API server takes in one object, with room for names. */
const MAX_BYTES = 900_000

export interface PolicyMount {
  readonly configMap: ClusterObject
  /** As a volume of a pod: each file under its own path. */
  readonly volume: object
}

/** @throws AppError `usage.input` where it is too large for a cluster */
export function policyMount(namespace: string, files: readonly PolicyFile[]): PolicyMount {
  const size = files.reduce((sum, {bytes}) => sum + bytes.byteLength, 0)
  if (size > MAX_BYTES) throw new AppError('usage.input', `the policy and what it names are ${size} bytes; a cluster takes at most ${MAX_BYTES} in one object`)
  const sorted = files.toSorted((left, right) => (left.path < right.path ? -1 : 1))
  const keyed = sorted.map((file) => ({...file, key: keyOf(file.path), text: textOf(file.bytes)}))
  const digest = createHash('sha256')
  for (const {path, bytes} of sorted) digest.update(`${path}\0${bytes.byteLength}\0`).update(bytes)
  const name = `hipaa-ci-policy-${digest.digest('hex').slice(0, 12)}`
  const binary = keyed.filter(({text}) => text === undefined)
  return {
    configMap: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {name, namespace},
      immutable: true,
      data: Object.fromEntries(keyed.flatMap(({key, text}) => (text === undefined ? [] : [[key, text]]))),
      ...(binary.length > 0 && {binaryData: Object.fromEntries(binary.map(({key, bytes}) => [key, Buffer.from(bytes).toString('base64')]))}),
    },
    volume: {configMap: {name, items: keyed.map(({key, path}) => ({key, path}))}},
  }
}

/** A key takes letters, digits, `-`, `_` and `.`; a digest of the path keeps two paths apart that would give one. */
function keyOf(path: string): string {
  const plain = path.replaceAll(/[^-.\w]/g, '_').slice(-180)
  return plain === path ? path : `${createHash('sha256').update(path).digest('hex').slice(0, 8)}-${plain}`
}

/** Undefined where it is no text. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(bytes)
  } catch {
    return undefined
  }
}

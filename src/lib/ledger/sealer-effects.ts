/**
 * What the sealer asks of the world, one thing at a time, and what it is told. Pure: whoever drives it has the store, the
 * key and the clock. So every order of events can be tried, and a crash after every one of them.
 */
import type {ObjectVersion} from '../ports/evidence-store.ts'
import type {Leaf} from './leaf.ts'

/** A version of a record that is not sealed. */
export interface Candidate {
  readonly key: string
  readonly version?: string
  /** Another version of the key was there before it. */
  readonly second: boolean
}

export type Effect =
  | {readonly ask: 'versions'; readonly prefix: string; readonly after?: string}
  /** Each as a leaf (`leafOf`); undefined where it cannot be read. */
  | {readonly ask: 'leaves'; readonly of: readonly Candidate[]}
  | {readonly ask: 'get'; readonly key: string}
  /** Only where there is no such key. `unknown`: it may have been written, or may yet be. */
  | {readonly ask: 'put'; readonly key: string; readonly bytes: Uint8Array}
  | {readonly ask: 'sign'; readonly text: string}

export type PutOutcome = 'written' | 'present' | 'unknown'

export type Reply =
  | {readonly ask: 'versions'; readonly versions: readonly ObjectVersion[]}
  | {readonly ask: 'leaves'; readonly leaves: readonly (Leaf | undefined)[]}
  | {readonly ask: 'get'; readonly bytes: Uint8Array | undefined}
  | {readonly ask: 'put'; readonly outcome: PutOutcome}
  | {readonly ask: 'sign'; readonly signature: Uint8Array}

/** A part of the sealer, with what it comes to. */
export type Steps<T> = Generator<Effect, T, Reply>

export function* askVersions(prefix: string, after?: string): Steps<readonly ObjectVersion[]> {
  const reply = yield {ask: 'versions', prefix, ...(after !== undefined && {after})}
  return reply.ask === 'versions' ? reply.versions : mistaken('versions', reply)
}

export function* askLeaves(of: readonly Candidate[]): Steps<readonly (Leaf | undefined)[]> {
  const reply = yield {ask: 'leaves', of}
  return reply.ask === 'leaves' ? reply.leaves : mistaken('leaves', reply)
}

export function* askGet(key: string): Steps<Uint8Array | undefined> {
  const reply = yield {ask: 'get', key}
  return reply.ask === 'get' ? reply.bytes : mistaken('get', reply)
}

export function* askPut(key: string, bytes: Uint8Array): Steps<PutOutcome> {
  const reply = yield {ask: 'put', key, bytes}
  return reply.ask === 'put' ? reply.outcome : mistaken('put', reply)
}

export function* askSignature(text: string): Steps<Uint8Array> {
  const reply = yield {ask: 'sign', text}
  return reply.ask === 'sign' ? reply.signature : mistaken('sign', reply)
}

function mistaken(ask: Effect['ask'], reply: Reply): never {
  throw new TypeError(`the sealer asked for ${ask}, and was told ${reply.ask}`)
}

/**
 * A store of which a test decides when anything happens to it.
 *
 * Promise: as a bucket: versions, conditional puts of which the first wins, a clock of its own. Lists are no snapshots:
 * what was there when a list was asked for is in it, of what came since some is and some is not. A put may be done and
 * its reply lost, not be done, or be done later; then its outcome is `unknown`. Every text that was signed is kept, with
 * whether a seal of that root stood in the store at that moment.
 */
import {SEALS} from '../../../src/lib/evidence/key.ts'
import {leafOf} from '../../../src/lib/ledger/leaf-of.ts'
import type {Leaf} from '../../../src/lib/ledger/leaf.ts'
import {decodeSeal} from '../../../src/lib/ledger/seal.ts'
import type {Effect, PutOutcome, Reply} from '../../../src/lib/ledger/sealer-effects.ts'
import {checkpointText} from '../../../src/lib/ledger/checkpoint.ts'
import type {ObjectVersion} from '../../../src/lib/ports/evidence-store.ts'
import {testCheckpointKey, type TestCheckpointKey} from '../../fakes/checkpoint-keys.ts'

interface Kept extends ObjectVersion {
  readonly version: string
  readonly bytes: Uint8Array
  readonly born: number
}

/** What becomes of a put. */
export type PutFate = 'told' | 'reply-lost' | 'not-done' | 'done-later'

const leaves = new Map<string, Leaf>()

export class SimulatedStore {
  /** Newest first. */
  readonly kept = new Map<string, Kept[]>()
  readonly signed: {readonly text: string; readonly committed: boolean}[] = []
  readonly key: TestCheckpointKey
  now: number
  #moment = 0
  #late: {readonly key: string; readonly bytes: Uint8Array}[] = []

  constructor(now: string, key = testCheckpointKey()) {
    this.now = Date.parse(now)
    this.key = key
  }

  /** Something happened: what is asked now and what was asked before are apart. */
  get moment(): number {
    return this.#moment
  }

  /** Unconditional, as an owner of the bucket can. */
  force(key: string, bytes: Uint8Array): void {
    this.#moment += 1
    const lastModified = new Date(Math.floor(this.now / 1000) * 1000).toISOString()
    const older = (this.kept.get(key) ?? []).map((one) => ({...one, latest: false}))
    const version = `v${String(this.#moment).padStart(6, '0')}`
    this.kept.set(key, [{key, version, kind: 'object', latest: true, size: bytes.length, lastModified, bytes, born: this.#moment}, ...older])
  }

  /** What was to be done later is done. */
  settle(): void {
    for (const {key, bytes} of this.#late.splice(0)) this.#put(key, bytes)
  }

  bytesOf(key: string): Uint8Array | undefined {
    return this.kept.get(key)?.[0]?.bytes
  }

  objects(prefix: string): Kept[] {
    return [...this.kept.keys()]
      .filter((key) => key.startsWith(prefix))
      .toSorted((a, b) => (a < b ? -1 : 1))
      .flatMap((key) => this.kept.get(key) ?? [])
  }

  /** @param asked the moment at which it was asked for */
  answer(effect: Effect, asked: number, fate: PutFate): Reply {
    if (effect.ask === 'versions') {
      const {prefix, after = ''} = effect
      return {ask: 'versions', versions: this.objects(prefix).filter(({key, born}) => key > after && (born <= asked || (born + asked) % 2 === 0))}
    }
    if (effect.ask === 'leaves') return {ask: 'leaves', leaves: effect.of.map(({key, version, second}) => this.#leaf(key, version, second))}
    if (effect.ask === 'get') return {ask: 'get', bytes: this.bytesOf(effect.key)}
    if (effect.ask === 'put') return {ask: 'put', outcome: this.#putWith(effect.key, effect.bytes, fate)}
    this.signed.push({text: effect.text, committed: this.#isCommitted(effect.text)})
    return {ask: 'sign', signature: this.key.signNow(Buffer.from(effect.text))}
  }

  #putWith(key: string, bytes: Uint8Array, fate: PutFate): PutOutcome {
    if (fate === 'done-later') this.#late.push({key, bytes})
    const outcome = fate === 'told' || fate === 'reply-lost' ? this.#put(key, bytes) : 'unknown'
    return fate === 'told' ? outcome : 'unknown'
  }

  #put(key: string, bytes: Uint8Array): PutOutcome {
    if (this.kept.has(key)) return 'present'
    this.force(key, bytes)
    return 'written'
  }

  #leaf(key: string, version: string | undefined, second: boolean): Leaf | undefined {
    const found = this.kept.get(key)?.find((one) => one.version === version)
    if (found === undefined) return undefined
    const id = [key, version, found.lastModified, second, found.bytes.length].join('\n')
    const leaf = leaves.get(id) ?? leafOf(key, {bytes: found.bytes, version: found.version, lastModified: found.lastModified}, second)
    leaves.set(id, leaf)
    return leaf
  }

  #isCommitted(text: string): boolean {
    return this.objects(SEALS).some(({key, bytes}) => {
      const {seal} = decodeSeal(bytes, key)
      return checkpointText({origin: seal.origin, size: seal.size_after, root: seal.root_after}) === text
    })
  }
}

/**
 * Sealers, writers and accidents in every order that fast-check comes to: several sealers, some with wrong clocks, stopped
 * or killed at every step, whose puts lose their replies, are not done or are done later; writers whose records come late,
 * are dated wrongly, or lie on the key of another.
 *
 * What has to hold whatever happened, once one sealer was left alone: one log, nothing signed that is not in it, nothing
 * sealed twice, nothing left out.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {AppError} from '../../../src/lib/errors.ts'
import {checkpointKey, sealKey, SEALS} from '../../../src/lib/evidence/key.ts'
import {sha256Hex, type SealedRecord} from '../../../src/lib/evidence/record.ts'
import {checkpointFault, checkpointText, parseCheckpoint} from '../../../src/lib/ledger/checkpoint.ts'
import {foldSeal, isFault, START} from '../../../src/lib/ledger/fold.ts'
import {decodeSeal} from '../../../src/lib/ledger/seal.ts'
import type {Effect} from '../../../src/lib/ledger/sealer-effects.ts'
import {seal, type Sealing} from '../../../src/lib/ledger/sealer.ts'
import {ORIGIN} from '../../fakes/checkpoint-keys.ts'
import {EvidenceWriter, hex} from '../../fakes/evidence-writer.ts'
import {SimulatedStore, type PutFate} from './simulated-store.ts'

const SEED = Number(process.env['FC_SEED'] ?? 20_260_302)
const RUNS = Number(process.env['FC_RUNS'] ?? 1000)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const BEGIN = '2026-03-02T08:00:00.000Z'

/** Days from the beginning that records give: most are of today, some come late, some are ahead. */
const DATES = [0, 0, 0, -1, 0, -2, -9, -20, 1, 300, -70, -400]
const WITHIN_WINDOW = 10
const CLOCKS = [0, 0, 0, 3 * DAY, -3 * DAY, 400 * DAY, -400 * DAY]
const FATES: readonly PutFate[] = ['told', 'told', 'told', 'told', 'reply-lost', 'not-done', 'done-later']

/** Streams in which records lie, so that days have few and many. */
const POOL = DATES.map((days) => recordsOf(days))

type Step =
  | {readonly do: 'seal'; readonly who: number; readonly steps: number; readonly fate: PutFate; readonly end: 'goes-on' | 'killed' | 'killed-asking'}
  | {readonly do: 'write'; readonly date: number; readonly which: number}
  | {readonly do: 'write-again'; readonly date: number; readonly which: number; readonly altered: boolean}
  | {readonly do: 'wait'; readonly hours: number}
  | {readonly do: 'settle'}

const SEALERS = 3

function stepsOf(dates: number): fc.Arbitrary<Step[]> {
  const record = {date: fc.nat(dates - 1), which: fc.nat(3)}
  const one: fc.Arbitrary<Step> = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('seal' as const),
        who: fc.nat(SEALERS - 1),
        steps: fc.oneof(fc.integer({min: 1, max: 4}), fc.integer({min: 5, max: 45})),
        fate: fc.constantFrom(...FATES),
        end: fc.constantFrom('goes-on' as const, 'goes-on' as const, 'goes-on' as const, 'killed' as const, 'killed-asking' as const),
      }),
    },
    {weight: 4, arbitrary: fc.record({do: fc.constant('write' as const), ...record})},
    {weight: 1, arbitrary: fc.record({do: fc.constant('write-again' as const), ...record, altered: fc.boolean()})},
    {weight: 1, arbitrary: fc.record({do: fc.constant('wait' as const), hours: fc.nat(6)})},
    {weight: 1, arbitrary: fc.constant({do: 'settle' as const})},
  )
  return fc.array(one, {minLength: 4, maxLength: 40, size: 'max'})
}

const CLOCK_OF_EACH = fc.array(fc.constantFrom(...CLOCKS), {minLength: SEALERS, maxLength: SEALERS})

describe(`the sealer, whatever happens (seed ${SEED})`, function () {
  this.timeout(600_000)
  it(`keeps one whole log of what comes within its window, in ${RUNS} schedules`, () => {
    fc.assert(
      fc.property(stepsOf(WITHIN_WINDOW), CLOCK_OF_EACH, (steps, clocks) => {
        const store = play(steps, clocks)
        check(store, alone(store, false))
      }),
      {seed: SEED, numRuns: RUNS},
    )
  })

  it(`finds what is older when it searches everything, in ${RUNS} schedules`, () => {
    fc.assert(
      fc.property(stepsOf(DATES.length), CLOCK_OF_EACH, (steps, clocks) => {
        const store = play(steps, clocks)
        check(store, alone(store, true))
      }),
      {seed: SEED, numRuns: RUNS},
    )
  })
})

interface Sealer {
  readonly steps: Generator<Effect, Sealing, never>
  effect: Effect
  asked: number
}

function play(steps: readonly Step[], clocks: readonly number[]): SimulatedStore {
  const store = new SimulatedStore(BEGIN)
  const sealers = new Map<number, Sealer>()
  let count = 0
  for (const step of steps) {
    if (step.do === 'wait') store.now += step.hours * HOUR
    else if (step.do === 'settle') store.settle()
    else if (step.do === 'seal') {
      const sealer = sealers.get(step.who) ?? start(store, `${step.who}/${++count}`, store.now + (clocks[step.who] ?? 0))
      if (sealer === undefined) continue
      sealers.set(step.who, sealer)
      const over = run(sealer, store, step.steps, step.fate)
      // Its last effect may have taken place; nobody was told.
      if (step.end === 'killed-asking' && !over) store.answer(sealer.effect, sealer.asked, step.fate)
      if (over || step.end !== 'goes-on') sealers.delete(step.who)
    } else write(store, step)
  }
  store.settle()
  return store
}

/** A sealer that was asked nothing yet; undefined where it has nothing to ask. */
function start(store: SimulatedStore, name: string, now: number, all = false): Sealer | undefined {
  const steps = seal({
    origin: ORIGIN,
    key: store.key.verifier,
    keys: [store.key.verifier],
    now: new Date(now).toISOString(),
    sealer: name,
    all,
    entries: 2,
    heartbeat: 20 * HOUR,
  }) as Generator<Effect, Sealing, never>
  const first = steps.next()
  return first.done === true ? undefined : {steps, effect: first.value, asked: store.moment}
}

/** @returns whether it came to its end */
function run(sealer: Sealer, store: SimulatedStore, effects: number, fate: PutFate): boolean {
  for (let done = 0; done < effects; done += 1) {
    const reply = store.answer(sealer.effect, sealer.asked, fate)
    try {
      const next = sealer.steps.next(reply as never)
      if (next.done === true) return true
      sealer.effect = next.value
      sealer.asked = store.moment
    } catch (error) {
      // The store answered nothing of use again and again. Any other refusal is of an honest log.
      if (error instanceof AppError && error.code === 'store.unreachable') return true
      throw error
    }
  }
  return false
}

/** Twice, where only what is due is searched: a clock that was a little ahead puts it off once. */
function alone(store: SimulatedStore, all: boolean): Sealing {
  const sealings = (all ? [2] : [2, 2]).map((days) => {
    store.now += days * DAY
    return toTheEnd(store, all)
  })
  const [last] = sealings.slice(-1)
  assert.ok(last !== undefined)
  return {...last, findings: sealings.flatMap(({findings}) => findings)}
}

function toTheEnd(store: SimulatedStore, all: boolean): Sealing {
  const sealer = start(store, 'last', store.now, all)
  assert.ok(sealer !== undefined)
  for (;;) {
    const next = sealer.steps.next(store.answer(sealer.effect, store.moment, 'told') as never)
    if (next.done === true) return next.value
    sealer.effect = next.value
  }
}

function write(store: SimulatedStore, step: Extract<Step, {do: 'write' | 'write-again'}>): void {
  const record = POOL[step.date]?.[step.which]
  assert.ok(record !== undefined)
  const there = store.kept.has(record.key)
  if (step.do === 'write' && !there) store.force(record.key, record.bytes)
  if (step.do === 'write-again' && there) store.force(record.key, step.altered ? Buffer.from('altered') : record.bytes)
}

function check(store: SimulatedStore, {tail, findings}: Sealing): void {
  const seals = store.objects(SEALS).map(({key, bytes}) => decodeSeal(bytes, key))
  assert.deepEqual(
    store.objects(SEALS).map(({key}) => key),
    seals.map((_, index) => sealKey(index + 1)),
  )
  let state = START
  for (const stored of seals) {
    const next = foldSeal(state, stored)
    assert.ok(!isFault(next), JSON.stringify(next))
    state = next
    const checkpoint = parseCheckpoint(store.bytesOf(checkpointKey(state.n)) ?? '')
    assert.equal(checkpointFault(checkpoint, [store.key.verifier]), undefined)
    assert.equal(checkpointText(checkpoint), checkpointText({origin: ORIGIN, size: state.tree.size, root: state.root}))
  }
  assert.equal(state.sha256, tail.state.sha256)
  assert.ok(
    store.signed.every(({committed}) => committed),
    'a root was signed that was not committed',
  )
  const texts = new Set(store.signed.map(({text}) => text))
  assert.equal(new Set([...texts].map((text) => text.split('\n')[1])).size, texts.size, 'two texts were signed for one size')
  const leaves = seals.flatMap(({seal: {entries}}) => entries)
  const sealed = leaves.map(({key, version}) => `${key} ${version}`).toSorted()
  const there = store.objects('records/').map(({key, version}) => `${key} ${version}`)
  assert.deepEqual(sealed, there.toSorted(), 'something is sealed twice, or left out')
  for (const {key, version, sha256} of leaves) assert.equal(sha256, sha256Hex(store.kept.get(key)?.find((one) => one.version === version)?.bytes ?? ''))
  assert.deepEqual(
    findings.filter(({code}) => code === 'record.deleted' || code === 'record.unknown-object'),
    [],
  )
}

function recordsOf(days: number): SealedRecord[] {
  const writer = new EvidenceWriter({put: async () => 'written'}, new Date(Date.parse(BEGIN) + days * DAY).toISOString())
  const detail = {policy: hex('limits'), counts: {}, decision: 'pass' as const, reasons: [], waivers: [], scans: []}
  return Array.from({length: 4}, () => writer.seal('gate', detail))
}

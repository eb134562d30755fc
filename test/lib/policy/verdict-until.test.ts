/** The clock alone changes no verdict before the time that is given for it. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import type {ImageRule} from '../../../src/lib/config/schema.ts'
import {seenAsOf, trustedAsOf} from '../../../src/lib/policy/as-of.ts'
import {judgeByRules} from '../../../src/lib/policy/image-rules.ts'
import {judge} from '../../../src/lib/policy/judge.ts'
import type {Attached, Observation, Policy, PolicyKey, RevocationList} from '../../../src/lib/policy/model.ts'
import {rulesUntil, verdictUntil} from '../../../src/lib/policy/verdict-until.ts'
import {ALL, approval, DIGEST, gate, good, JUNK, KEY, NOW, observation, OTHER_KEY, policy, provenance, sbom, scan, signature} from './situation.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const at = (ms: number) => new Date(NOW.getTime() + ms)

/** Mostly near the present and near the edges of what is allowed. */
const offset = fc.oneof(
  fc.integer({min: -3 * DAY, max: 3 * DAY}),
  fc.integer({min: -10 * MINUTE, max: 10 * MINUTE}),
  fc.constantFrom(0, 1, -1, 5 * MINUTE, 5 * MINUTE + 1, -DAY, DAY),
)
const time = offset.map((ms) => at(ms).toISOString())
const day = fc.integer({min: -3, max: 3}).map((days) =>
  at(days * DAY)
    .toISOString()
    .slice(0, 10),
)
const key: fc.Arbitrary<PolicyKey> = fc.record(
  {
    spki: fc.constantFrom(KEY.spki, OTHER_KEY.spki),
    pem: fc.constant('(not used)'),
    status: fc.constantFrom('active', 'retired', 'compromised'),
    from: day,
    until: day,
  },
  {requiredKeys: ['spki', 'pem', 'status']},
)
const said = fc.record({spki: fc.constantFrom(KEY.spki, OTHER_KEY.spki), signedAt: time}, {requiredKeys: ['spki']})
const attached: fc.Arbitrary<Attached> = fc
  .tuple(said, time, time, fc.boolean())
  .chain(([by, one, two, passed]) =>
    fc.constantFrom(
      signature(by),
      sbom(one, by),
      provenance({...by, finishedAt: one}),
      scan({...by, finishedAt: one, databaseAt: two}),
      gate({...by, decidedAt: one, decision: passed ? 'pass' : 'fail'}),
      approval({...by, approvedOn: one}),
      ...JUNK,
    ),
  )
const maxAge = fc.integer({min: 0, max: 3 * DAY})
const policies: fc.Arbitrary<Policy> = fc
  .tuple(fc.array(key, {minLength: 1, maxLength: 3}), maxAge, fc.subarray(['sbom', 'provenance', 'scan', 'gate'] as const), fc.boolean())
  .map(([keys, age, wanted, approved]) =>
    policy(Object.fromEntries(wanted.map((name) => [name, name === 'scan' ? {'max-age': age} : ALL[name]])), {
      keys,
      ...(approved && {approvals: {minimum: 1, notAuthor: false, by: [{person: 'ada', key: OTHER_KEY}]}}),
    }),
  )
const withFloor = fc.tuple(policies, fc.option(policies, {nil: undefined})).map(([own, floor]) => ({...own, ...(floor !== undefined && {floor})}))
const revocations: fc.Arbitrary<RevocationList> = fc.record({
  state: fc.constant('read' as const),
  issuedAt: fc.integer({min: -DAY, max: 0}).map((ms) => at(ms).toISOString()),
  maxAge: fc.integer({min: DAY, max: 3 * DAY}),
  revoked: time.map((since) => new Map([[DIGEST, {reason: 'malicious', since}]])),
})
const observed: fc.Arbitrary<Observation> = fc
  .tuple(fc.array(fc.oneof(attached, fc.constantFrom(...good())), {maxLength: 8}), fc.option(revocations, {nil: undefined}))
  .map(([items, list]) => observation(items, list === undefined ? {} : {revocations: list}))

/** What it comes to, without the words: they tell ages. */
function outcome(seen: Observation, by: Policy, clocks: {asOf: Date; now: Date}): unknown {
  const {verdict, exitCode, checks} = judge(seenAsOf(seen, clocks), trustedAsOf(by, clocks), clocks.asOf)
  return {verdict, exitCode, checks: checks.map(({name, state, reason}) => ({name, state, reason}))}
}

describe('verdictUntil', () => {
  it('is a time before which judging again gives the same verdict, however long the looks take', () => {
    let held = 0
    fc.assert(
      fc.property(
        observed,
        withFloor,
        fc.nat({max: 2_000}),
        fc.double({min: 0, max: 1, noNaN: true}),
        fc.double({min: 0, max: 1, noNaN: true}),
        (seen, by, took, one, two) => {
          const clocks = {asOf: NOW, now: at(took)}
          const until = verdictUntil(seen, by, clocks)
          const end = Math.min(until, NOW.getTime() + 30 * DAY) - 1
          if (end < clocks.now.getTime()) return
          held += 1
          const [from, to] = [one, one + (1 - one) * two].map((part) => new Date(Math.floor(NOW.getTime() + part * (end - NOW.getTime()))))
          const again = {asOf: from ?? NOW, now: to ?? NOW}
          assert.deepEqual(outcome(seen, by, again), outcome(seen, by, clocks))
          assert.deepEqual(outcome(seen, by, {asOf: new Date(end), now: new Date(end)}), outcome(seen, by, clocks))
        },
      ),
      {numRuns: 1_500},
    )
    // Without cases in which anything holds nothing would have been shown.
    assert.ok(held > 300, `${held}`)
  })

  const until = (seen: Observation, by: Policy = policy(ALL), asOf = NOW) => {
    const ms = verdictUntil(seen, by, {asOf, now: asOf})
    return ms === Number.POSITIVE_INFINITY ? 'never' : new Date(ms).toISOString()
  }

  it('is when a scan is older than the policy allows', () => {
    assert.equal(until(observation(good())), '2026-06-22T11:00:00.001Z')
    assert.equal(until(observation(good()), policy({...ALL, scan: {}})), 'never')
    assert.equal(until(observation(good()), {...policy({...ALL, scan: {}}), floor: policy(ALL)}), '2026-06-22T11:00:00.001Z')
  })

  it('is the start of the first day of a key, and the end of its last', () => {
    const by = (more: Partial<PolicyKey>) => policy({}, {keys: [{...KEY, ...more}]})
    assert.equal(until(observation([signature()]), by({until: '2026-06-15'})), '2026-06-16T00:00:00.000Z')
    assert.equal(until(observation([signature()]), by({from: '2026-06-17', until: '2026-06-20'})), '2026-06-17T00:00:00.000Z')
    assert.equal(until(observation([signature()]), by({until: '2026-06-14'})), 'never')
  })

  it('is the end of the list of revocations, or the day of an entry, whomever it is about', () => {
    const list = (since: string, digest = DIGEST): Observation =>
      observation([signature()], {
        revocations: {state: 'read', issuedAt: at(-HOUR).toISOString(), maxAge: DAY, revoked: new Map([[digest, {reason: 'malicious', since}]])},
      })
    assert.equal(until(list(at(-HOUR).toISOString())), '2026-06-16T11:00:00.000Z')
    assert.equal(until(list(at(HOUR).toISOString(), `sha256:${'0'.repeat(64)}`)), '2026-06-15T13:00:00.000Z')
  })

  it('is at once where a statement is a little ahead of our clock, and later where it lies', () => {
    assert.equal(until(observation([gate({decidedAt: at(MINUTE).toISOString()})])), NOW.toISOString())
    assert.equal(until(observation([gate({decidedAt: at(HOUR).toISOString()})])), at(55 * MINUTE).toISOString())
  })
})

describe('rulesUntil', () => {
  const rule = (until: string, more: Partial<ImageRule> = {}): ImageRule => ({
    match: 'registry.example/vendor/*',
    digests: [DIGEST],
    'approved-by': 'platform-team',
    until,
    ...more,
  })
  const image = {repository: 'registry.example/vendor/proxy', digest: DIGEST}

  it('is the end of the last day of the next rule to end, of those that decide', () => {
    const rules = [rule('2026-06-20'), rule('2026-06-15'), rule('2026-06-14'), rule('2026-06-16', {match: 'registry.example/**'})]
    assert.equal(new Date(rulesUntil(image.repository, rules, NOW)).toISOString(), '2026-06-16T00:00:00.000Z')
    assert.equal(rulesUntil('registry.other/app', rules, NOW), Number.POSITIVE_INFINITY)
  })

  it('is a time before which the rules say the same', () => {
    fc.assert(
      fc.property(
        fc.array(
          day.map((end) => rule(end)),
          {maxLength: 3},
        ),
        fc.double({min: 0, max: 1, noNaN: true}),
        (rules, part) => {
          const end = Math.min(rulesUntil(image.repository, rules, NOW), NOW.getTime() + 30 * DAY) - 1
          const later = new Date(Math.floor(NOW.getTime() + part * (end - NOW.getTime())))
          assert.equal(judgeByRules(image, rules, later)?.verdict, judgeByRules(image, rules, NOW)?.verdict)
        },
      ),
    )
  })
})

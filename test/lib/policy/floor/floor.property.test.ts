/** What a tightened configuration accepts, the platform's own policy accepts too: whatever the two say, and whatever is found. */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import {Environment, GateLimits, ImageRule, KeyPin} from '../../../../src/lib/config/schema.ts'
import {SCAN_KINDS} from '../../../../src/lib/evidence/details.ts'
import {SEVERITIES} from '../../../../src/lib/evidence/primitives.ts'
import {environmentWeaknesses} from '../../../../src/lib/policy/floor/environments.ts'
import {gateWeaknesses} from '../../../../src/lib/policy/floor/gate.ts'
import {imageWeaknesses} from '../../../../src/lib/policy/floor/images.ts'
import {keyWeaknesses} from '../../../../src/lib/policy/floor/signers.ts'
import {decideGate} from '../../../../src/lib/policy/gate.ts'
import {judgeByRules} from '../../../../src/lib/policy/image-rules.ts'
import {signerFault} from '../../../../src/lib/policy/key-window.ts'
import {judge} from '../../../../src/lib/policy/judge.ts'
import type {Attached, Policy} from '../../../../src/lib/policy/model.ts'
import {ago, gate, KEY, LIMITS, NOW, observation, OTHER_KEY, provenance, REPOSITORY, sbom, scan, signature, BUILDER, SOURCE, type Said} from '../situation.ts'

const RUNS = {numRuns: 1_000}
const some = <T>(value: fc.Arbitrary<T>) => fc.option(value, {nil: undefined})
const day = fc.constantFrom('2026-06-14', '2026-06-15', '2026-06-16')
const spki = fc.constantFrom(KEY.spki, OTHER_KEY.spki)
const without = <T extends object>(record: T): T => Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T

/** Most often what lets something through: what refuses everything shows nothing. */
const seldom = <T>(value: fc.Arbitrary<T>) => fc.oneof({weight: 3, arbitrary: fc.constant(undefined)}, {weight: 1, arbitrary: value})
const pin: fc.Arbitrary<unknown> = fc
  .record({
    spki: spki.map((hex) => `sha256:${hex}`),
    from: seldom(day),
    until: seldom(day),
    status: fc.constantFrom('active', 'active', 'active', 'retired', 'compromised'),
  })
  .map((each) => without({...each, file: 'x.pub'}))
const pins = fc.array(pin, {minLength: 1, maxLength: 3})
const builder = fc.record({id: fc.constantFrom(BUILDER, BUILDER, 'other'), key: spki.map((hex) => `sha256:${hex}`), level: fc.nat(3)})

const requires = fc
  .record({
    signature: fc.record({keys: pins}),
    sbom: some(fc.constant({})),
    scan: some(fc.record({'max-age': some(fc.constantFrom('90m', '3h', '7d'))}).map(without)),
    gate: some(
      fc
        .record({
          max: some(fc.record({critical: some(fc.nat(2)), high: some(fc.nat(2))}).map(without)),
          policies: seldom(fc.constantFrom([`sha256:${LIMITS}`], [`sha256:${'0'.repeat(64)}`])),
        })
        .map(without),
    ),
    provenance: seldom(
      fc
        .record({
          builders: seldom(fc.array(builder, {maxLength: 2})),
          sources: seldom(fc.constantFrom(['git+https://git.example/**'], [SOURCE], ['other'])),
        })
        .map(without),
    ),
  })
  .map(without)

const environment = fc
  .record({
    repository: seldom(fc.constantFrom(REPOSITORY, REPOSITORY, 'registry.example/other')),
    requires: fc.oneof({weight: 9, arbitrary: requires}, {weight: 1, arbitrary: fc.constant(undefined)}),
  })
  .map((each) => Environment.parse(without(each)))

/** As `select-policy` does it, without files. */
function policyOf({repository, requires: required}: Environment): Policy {
  const {signature: signers, ...rest} = required ?? {}
  const keys = (signers?.keys ?? []).map((each) => policyKey(each))
  return {
    name: 'production',
    digest: LIMITS,
    keys,
    ...(repository !== undefined && {repository}),
    ...(required !== undefined && {requires: rest}),
  }
}

function policyKey({spki: hex, status, from, until}: KeyPin): Policy['keys'][number] {
  return {spki: hex.slice('sha256:'.length), pem: '(not used)', status, ...(from !== undefined && {from}), ...(until !== undefined && {until})}
}

const who = fc
  .record({spki, signedAt: seldom(fc.constantFrom(ago(48), ago(24), ago(1)))})
  .map(({spki: by, signedAt}): Said => ({spki: by, ...(signedAt !== undefined && {signedAt})}))
const hours = fc.constantFrom(1, 2, 4)
const severities = fc.array(fc.constantFrom<'critical' | 'high'>('critical', 'high'), {maxLength: 2})
const decision = fc.constantFrom<'pass' | 'fail'>('pass', 'pass', 'pass', 'fail')
const parts: readonly fc.Arbitrary<Attached>[] = [
  who.map((by) => signature(by)),
  who.map((by) => sbom(ago(1), by)),
  fc.tuple(who, hours).map(([by, age]) => provenance({...by, finishedAt: ago(age)})),
  fc.tuple(who, hours, severities).map(([by, age, what]) => scan({...by, finishedAt: ago(age), findings: what})),
  fc.tuple(who, hours, decision).map(([by, age, said]) => gate({...by, decidedAt: ago(age), decision: said})),
]
/** One of each, and some more. */
const everything = fc.tuple(fc.tuple(...parts), fc.array(fc.oneof(...parts), {maxLength: 6})).map((all) => all.flat())

/** The service's environment is most often the platform's with something changed: two of chance are seldom comparable. */
const pair = fc
  .tuple(environment, environment, fc.constantFrom(true, true, true, false), fc.boolean())
  .map(([floor, own, near, fewer]): {floor: Environment; own: Environment} => {
    if (!near) return {floor, own}
    const signers = floor.requires?.signature?.keys?.slice(0, fewer ? 1 : 3)
    const mixed = floor.requires === undefined ? undefined : {...floor.requires, ...own.requires, signature: {keys: signers}}
    return {floor, own: {...floor, ...(own.repository !== undefined && {repository: own.repository}), ...(mixed !== undefined && {requires: mixed})}}
  })
const isTighter = ({floor, own}: {floor: Environment; own: Environment}) => environmentWeaknesses({production: own}, {production: floor}, []).length === 0
const accepts = (found: readonly Attached[], policy: Policy) => judge(observation(found), policy, NOW).exitCode === 0

describe('a configuration that is not weaker', () => {
  it('accepts no image that the platform refuses', () => {
    let accepted = 0
    fc.assert(
      fc.property(pair.filter(isTighter), everything, ({floor, own}, found) => {
        const platform = policyOf(floor)
        if (!accepts(found, {...policyOf(own), floor: platform})) return
        accepted += 1
        assert.ok(accepts(found, platform))
      }),
      RUNS,
    )
    assert.ok(accepted > 5, `only ${accepted} were accepted: this showed nothing`)
  })

  it('accepts none by its own rules alone, where it trusts the same keys', () => {
    let accepted = 0
    const sameKeys = pair.map(({floor, own}) => {
      const signers = floor.requires?.signature
      return {floor, own: own.requires === undefined || signers === undefined ? own : {...own, requires: {...own.requires, signature: signers}}}
    })
    fc.assert(
      fc.property(sameKeys.filter(isTighter), everything, ({floor, own}, found) => {
        if (!accepts(found, policyOf(own))) return
        accepted += 1
        assert.ok(accepts(found, policyOf(floor)))
      }),
      RUNS,
    )
    assert.ok(accepted > 5, `only ${accepted} were accepted: this showed nothing`)
  })

  it('would accept what the platform refuses, if the platform did not judge too: the newest word may be by a key that it left out', () => {
    const keys = [KEY, OTHER_KEY].map(({spki: hex}) => ({spki: `sha256:${hex}`, file: 'x.pub'}))
    const floor = Environment.parse({requires: {signature: {keys}, gate: {}}})
    const own = Environment.parse({requires: {signature: {keys: keys.slice(0, 1)}, gate: {}}})
    const found = [signature(), gate({decidedAt: ago(2)}), gate({decidedAt: ago(1), decision: 'fail', spki: OTHER_KEY.spki})]
    assert.ok(isTighter({floor, own}))
    assert.equal(accepts(found, policyOf(floor)), false)
    assert.equal(accepts(found, policyOf(own)), true)
    const {checks, exitCode} = judge(observation(found), {...policyOf(own), floor: policyOf(floor)}, NOW)
    assert.equal(exitCode, 1)
    assert.match(checks.find(({name}) => name === 'gate')?.message ?? '', /stopped this image .* \(by the platform's policy\)$/)
  })

  it('trusts no key at no time that the platform does not', () => {
    const instant = fc.constantFrom(ago(36), ago(12), ago(-12))
    let trusted = 0
    fc.assert(
      fc.property(fc.tuple(pins, pins, fc.boolean()), spki, instant, some(instant), ([floorPins, ownPins, near], asked, now, signedAt) => {
        const floor = floorPins.map((each) => KeyPin.parse(each))
        const own = (near ? floorPins.map((each, at) => ({...(each as object), ...(at === 0 ? (ownPins[0] as object) : {})})) : ownPins).map((each) =>
          KeyPin.parse(each),
        )
        if (keyWeaknesses([], own, floor).length > 0) return
        const isTrusted = (keys: readonly KeyPin[]) =>
          signerFault({spki: asked}, {keys: keys.map((each) => policyKey(each))}, {now: new Date(now), signedAt}) === undefined
        if (!isTrusted(own)) return
        trusted += 1
        assert.ok(isTrusted(floor))
      }),
      {numRuns: 5_000},
    )
    assert.ok(trusted > 5, `only ${trusted} were trusted: this showed nothing`)
  })

  it('lets no finding through the gate that the platform stops', () => {
    const limits = fc
      .record({
        vulnerabilities: some(fc.record({critical: some(fc.nat(2)), medium: some(fc.nat(2)), 'only-fixed': some(fc.boolean())}).map(without)),
        secrets: some(fc.nat(2)),
        misconfigurations: some(fc.record({high: some(fc.nat(2)), low: some(fc.nat(2))}).map(without)),
        code: some(fc.record({error: some(fc.nat(2)), warning: some(fc.nat(2))}).map(without)),
      })
      .map((each) => GateLimits.parse(without(each)))
    const finding = fc.record({kind: fc.constantFrom(...SCAN_KINDS), severity: fc.constantFrom(...SEVERITIES), fixed: fc.boolean(), id: fc.nat(5)})
    const scans = fc.tuple(fc.subarray([...SCAN_KINDS], {minLength: 2}), fc.array(finding, {maxLength: 8})).map(([kinds, findings]) =>
      kinds.map((kind) => ({
        kind,
        unscanned: [],
        findings: findings
          .filter((each) => each.kind === kind)
          .map(({severity, fixed, id}) => ({
            kind,
            id: `ID-${id}`,
            fingerprint: `${id}-${severity}-${fixed}`,
            severity,
            severity_source: 'test',
            ...(fixed && {fixed_version: '1'}),
          })),
      })),
    )
    let passed = 0
    fc.assert(
      fc.property(
        fc.tuple(limits, limits).filter(([floor, own]) => gateWeaknesses(own, floor).length === 0),
        scans,
        ([floor, own], found) => {
          if (decideGate(own, found).decision !== 'pass') return
          passed += 1
          assert.equal(decideGate(floor, found).decision, 'pass')
        },
      ),
      RUNS,
    )
    assert.ok(passed > 5, `only ${passed} passed: this showed nothing`)
  })

  it('admits no image of others that the platform does not', () => {
    const digest = fc.constantFrom(`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`)
    const rule = fc
      .record({
        match: fc.constantFrom('vendor.example/**', 'vendor.example/app', 'vendor.example/*'),
        digests: fc.uniqueArray(digest, {minLength: 1}),
        'approved-by': fc.constant('platform'),
        until: day,
      })
      .map((each) => ImageRule.parse(each))
    const rules = fc.array(rule, {maxLength: 3})
    // Most often some of the platform's, changed a little.
    const near = fc.tuple(rules, rules, fc.boolean()).map(([floor, own, isNear]) => ({floor, own: isNear ? floor.map((each, at) => own[at] ?? each) : own}))
    const image = fc.record({repository: fc.constantFrom('vendor.example/app', 'vendor.example/lib', 'vendor.example/a/b'), digest})
    let admitted = 0
    fc.assert(
      fc.property(
        near.filter(({floor, own}) => imageWeaknesses(own, floor).length === 0),
        image,
        ({floor, own}, asked) => {
          const verdict = judgeByRules(asked, own, NOW)?.verdict
          // Where no rule matches, an environment without a repository judges by signature: that must not differ either.
          assert.equal(verdict === undefined, judgeByRules(asked, floor, NOW) === undefined)
          if (verdict !== 'verified') return
          admitted += 1
          assert.equal(judgeByRules(asked, floor, NOW)?.verdict, 'verified')
        },
      ),
      RUNS,
    )
    assert.ok(admitted > 5, `only ${admitted} were admitted: this showed nothing`)
  })
})

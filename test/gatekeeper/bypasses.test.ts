/** The bypasses of admission that need no API server, by their number; the provider refuses what is not known to it. */
import assert from 'node:assert/strict'
import {constraints, type Constraint} from '../../src/lib/admission/manifests/constraints.ts'
import type {KeyedAsk} from '../../src/lib/admission/request-key.ts'
import {judged} from '../fakes/scripted-provider.ts'
import {container, pod, reviewValue, type ReviewInput} from '../lib/admission/reviews.ts'
import {ALLOWS, allows, PROVIDER, REFUSES, refuses, withGate, type Gate} from './gate.ts'

const GOOD = `registry.test/web@sha256:${'aa'.repeat(32)}`
const BAD = `registry.test/web@sha256:${'bb'.repeat(32)}`

/** Good where each image that the pod does not run already is. */
const knows = judged(({ask}: KeyedAsk) => (ask.images.every(({image, unchanged}) => unchanged || image === GOOD) ? ALLOWS : REFUSES))

async function assertRefused({review}: Pick<Gate, 'review'>, input: ReviewInput): Promise<void> {
  const {violations} = await review(reviewValue(input))
  assert.deepEqual(
    violations.map(({constraint, action}) => [constraint, action]),
    [['hipaa-ci-images', 'deny']],
  )
}

const good = [container(GOOD)]
const bad = [container(BAD)]
const debug = {request: {operation: 'UPDATE', subResource: 'ephemeralcontainers'}}

describe('a way around admission', () => {
  it('is closed (0): a pod of known images is admitted, else the rest would prove nothing', () =>
    withGate(knows, {}, async ({review}) => {
      const all = {containers: good, initContainers: good, ephemeralContainers: good, volumes: [{name: 'v', image: {reference: GOOD}}]}
      assert.deepEqual((await review(reviewValue(all))).violations, [])
    }))

  it('is closed (1): ephemeral containers, as `kubectl debug` adds them', () =>
    withGate(knows, {}, async (gate) => {
      await assertRefused(gate, {containers: good, ephemeralContainers: bad, old: pod({containers: good}), ...debug})
      assert.equal(gate.asked()[0]?.ask.subresource, 'ephemeralcontainers')
    }))

  it('is closed (1): init containers, and a side car among them', () =>
    withGate(knows, {}, (gate) => assertRefused(gate, {containers: good, initContainers: [...good, {name: 'side', image: BAD, restartPolicy: 'Always'}]})))

  it('is closed (2): image volumes', () =>
    withGate(knows, {}, (gate) =>
      assertRefused(gate, {
        containers: good,
        volumes: [
          {name: 'a', emptyDir: {}},
          {name: 'b', image: {reference: BAD}},
        ],
      }),
    ))

  it('is closed (2): an image volume without a reference', () =>
    withGate(knows, {}, (gate) => assertRefused(gate, {containers: good, volumes: [{name: 'b', image: {pullPolicy: 'Always'}}]})))

  it('is closed (3): an UPDATE that brings another image', () =>
    withGate(knows, {}, (gate) => assertRefused(gate, {containers: bad, old: pod({containers: good}), request: {operation: 'UPDATE'}})))

  it('is closed (3), and an UPDATE that keeps its images is let through, whatever became of them', () =>
    withGate(knows, {}, async ({review}) => {
      const metadata = {labels: {changed: 'yes'}, finalizers: null, deletionTimestamp: '2026-01-01T00:00:00Z'}
      const input = {containers: bad, metadata, old: pod({containers: bad}), request: {operation: 'UPDATE'}}
      assert.deepEqual((await review(reviewValue(input))).violations, [])
    }))

  it('is closed (3): a CREATE that brings an old object with it', () =>
    withGate(knows, {}, async (gate) => {
      await assertRefused(gate, {containers: bad, old: pod({containers: bad})})
      assert.match(gate.provider.asked[0] ?? '', /"old":\[\]/)
    }))

  it('is closed (3): a pod that is being deleted and changes its image', () =>
    withGate(knows, {}, (gate) =>
      assertRefused(gate, {
        containers: bad,
        metadata: {deletionTimestamp: '2026-01-01T00:00:00Z'},
        old: pod({containers: good}),
        request: {operation: 'UPDATE'},
      }),
    ))

  for (const image of ['registry.test/web', 'registry.test/web:1', `registry.test/web:1@sha256:${'bb'.repeat(32)}`, 'web', 'REGISTRY.test/web@x', ' '])
    it(`is closed (4, 9, 18): ${JSON.stringify(image)} reaches the provider as it stands, which refuses it`, () =>
      withGate(knows, {}, async (gate) => {
        await assertRefused(gate, {containers: [container(image)]})
        assert.deepEqual(gate.asked()[0]?.ask.images, [{image, path: 'spec.containers[0]', unchanged: false}])
      }))

  it('is closed (10): a pod that says of itself that it was verified', () =>
    withGate(knows, {}, (gate) =>
      assertRefused(gate, {containers: bad, metadata: {annotations: {'hipaa-ci/verified': 'true', admit: 'true'}, labels: {admit: 'true'}}}),
    ))

  for (const enforcementAction of ['dryrun', 'warn'] as const)
    it(`is told (17): a constraint that only does ${enforcementAction} says so with the violation, and the provider still judges`, () =>
      withGate(refuses, {constraints: [{...deny(), spec: {...deny().spec, enforcementAction}} as unknown as Constraint]}, async ({review, provider}) => {
        const {violations} = await review(reviewValue({containers: bad}))
        assert.deepEqual(
          violations.map(({action, message}) => [action, message]),
          [[enforcementAction, REFUSES.message]],
        )
        assert.equal(provider.asked.length, 1)
      }))

  it('is closed (18): a pod of 200 containers, the last of which is bad', () =>
    withGate(knows, {}, (gate) => assertRefused(gate, {containers: [...Array.from({length: 199}, () => good[0]), ...bad]})))

  it('is closed (18): a pod of more containers than are judged', () =>
    withGate(knows, {}, (gate) => assertRefused(gate, {containers: Array.from({length: 300}, () => good[0])})))

  it('is closed (18): a key of more than 1 MiB', () =>
    withGate(allows, {}, async ({review}) => {
      const {violations} = await review(reviewValue({containers: Array.from({length: 256}, (_, at) => container(`${GOOD}${at}`.padEnd(4_095, 'x')))}))
      assert.match(violations[0]?.message ?? '', /it is \d{7} bytes; at most/)
    }))

  it('is closed (18): a pod without any image', () => withGate(allows, {}, (gate) => assertRefused(gate, {})))

  // Gatekeeper cannot hand DEL and some of what lies beyond U+FFFF to a provider: a rule that lets it try is undefined.
  for (const odd of ['\u007F', '\u{10D28}', '\u{10FFFF}', '\u{E0001}', '😀', 'a\u0000b\u001B[2J\u2028\u202E\u0085"\\</script>&é\u{10000}']) {
    const name = `web${odd}`
    it(`is closed (18): ${JSON.stringify(odd).replaceAll(/[^ -~]/gu, (char) => `<${char.codePointAt(0)?.toString(16)}>`)} in a name, an image, a user`, () =>
      withGate(knows, {}, async (gate) => {
        const image = `${BAD}${odd}`
        await assertRefused(gate, {containers: [container(image)], metadata: {name}, request: {userInfo: {username: name, groups: [name]}}})
        const [{ask} = assert.fail('nothing was asked')] = gate.asked()
        assert.deepEqual([ask.name, ask.user, ask.groups, ask.images[0]?.image], [name, name, [name], image])
      }))
  }
})

function deny(): Constraint {
  return constraints(PROVIDER).find(({spec}) => spec.parameters.on === 'deny') ?? assert.fail('no constraint denies')
}

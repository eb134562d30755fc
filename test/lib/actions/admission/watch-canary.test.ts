import assert from 'node:assert/strict'
import {watchCanary, type CanaryResult, type CanaryTurn} from '../../../../src/lib/actions/admission/watch-canary.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {RecordOf} from '../../../../src/lib/evidence/schema.ts'
import type {PodOffer} from '../../../../src/lib/ports/cluster.ts'
import type {EvidenceStore} from '../../../../src/lib/ports/evidence-store.ts'
import {failingCall} from '../../../fakes/failing-port.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {NOW, verdictContext, type VerdictSetting} from '../../../fakes/verdict-context.ts'
import {HOME, production, signer} from './admission-world.ts'

const REFUSED: PodOffer = {
  kind: 'refused',
  status: 403,
  message: 'admission webhook "validation.gatekeeper.sh" denied the request: [hipaa-ci-images] hipaa-ci refused 1 image',
}
const ADMITTED: PodOffer = {kind: 'admitted'}
const SILENT: PodOffer = {kind: 'unreachable', message: 'connect ECONNREFUSED'}

interface Turned {
  readonly result: CanaryResult
  readonly turns: readonly CanaryTurn[]
  readonly pods: readonly {readonly spec: {readonly containers: readonly [{readonly image: string}]}}[]
}

let processes = 0
/** One process that is answered so, every `minutes`. */
async function watch(
  offers: readonly PodOffer[],
  {minutes = 5, start = 0, ...setting}: Partial<VerdictSetting> & {minutes?: number; start?: number} = {},
): Promise<Turned> {
  const pods: Turned['pods'][number][] = []
  const turns: CanaryTurn[] = []
  const made = verdictContext({images: {}, keys: [signer], firstId: (processes += 1) * 1000, ...setting})
  const context = {...made, now: () => new Date(NOW.getTime() + (start + turns.length * minutes) * 60_000)}
  const offer = async (_namespace: string, pod: object) => {
    pods.push(pod as Turned['pods'][number])
    return offers[turns.length] ?? SILENT
  }
  const parts = {offer, next: async () => turns.length < offers.length, onTurn: (turn: CanaryTurn) => void turns.push(turn)}
  return {result: await watchCanary({cluster: 'prod-east', namespace: 'patient-api'}, parts, context), turns, pods}
}

async function recorded(evidence: EvidenceStore): Promise<RecordOf<'canary'>[]> {
  return (await verdictContext({images: {}, evidence}).records()).flatMap((record) => (record.stream === 'canary' ? [record] : []))
}

describe('watchCanary', () => {
  it('records a refusal by our constraint, and ends well', async () => {
    const evidence = memoryStore()
    const {result} = await watch([REFUSED], {evidence})
    const [record, ...others] = await recorded(evidence)
    assert.deepEqual([result.exitCode, result.last.record, others], [0, record?.id, []])
    assert.deepEqual([record?.data.outcome, record?.data.detail], ['pass', {cluster: 'prod-east', namespace: 'patient-api', answer: 'refused'}])
  })

  it('records that a pod was admitted, and since when it may have been: exit 1, however it goes on', async () => {
    const evidence = memoryStore()
    const {result, turns} = await watch([REFUSED, REFUSED, ADMITTED, ADMITTED, REFUSED], {evidence})
    assert.deepEqual([result.exitCode, result.turns, result.admitted], [1, 5, 2])
    assert.deepEqual(
      (await recorded(evidence)).map(({data: {outcome, detail}}) => [outcome, detail.answer, detail.last_refused]),
      [
        ['pass', 'refused', undefined],
        ['fail', 'admitted', turns[1]?.at],
        ['pass', 'refused', turns[1]?.at],
      ],
    )
  })

  it('finds in the store when an earlier process was refused last', async () => {
    const evidence = memoryStore()
    await watch([REFUSED], {evidence})
    const [before] = await recorded(evidence)
    await watch([ADMITTED], {evidence, start: 10})
    assert.equal((await recorded(evidence))[1]?.data.detail.last_refused, before?.time)
  })

  it('records at least once an hour what does not change', async () => {
    const evidence = memoryStore()
    const {turns} = await watch(
      Array.from({length: 25}, () => REFUSED),
      {evidence, minutes: 5},
    )
    assert.deepEqual(
      turns.flatMap(({record}, at) => (record === undefined ? [] : [at])),
      [0, 12, 24],
    )
  })

  it('knows nothing where nobody answers, or somebody else says no: exit 4', async () => {
    const cases: readonly (readonly [PodOffer, string])[] = [
      [SILENT, 'canary.unreachable'],
      [
        {kind: 'refused', status: 500, message: 'Internal error occurred: failed calling webhook "pods.images.hipaa-ci": no endpoints'},
        'canary.webhook-failed',
      ],
      [{kind: 'refused', status: 403, message: 'pods is forbidden: User "system:serviceaccount:x:y" cannot create resource "pods"'}, 'canary.not-permitted'],
      [{kind: 'refused', status: 401, message: 'Unauthorized'}, 'canary.not-permitted'],
      [{kind: 'refused', status: 403, message: 'pods "x" is forbidden: exceeded quota: [hipaa-ci-images] '}, 'canary.refused-by-others'],
      [{kind: 'refused', status: 403, message: 'admission webhook "v" denied the request: [must-have-owner] hipaa-ci-images'}, 'canary.refused-by-others'],
    ]
    for (const [offer, reason] of cases) {
      const evidence = memoryStore()
      const {result} = await watch([offer], {evidence})
      assert.deepEqual(
        [result.exitCode, (await recorded(evidence)).map(({data}) => [data.outcome, data.detail.answer, data.detail.reason])],
        [4, [['error', 'unknown', reason]]],
      )
    }
  })

  it('offers another digest each time, in the repository of the environment', async () => {
    const {pods} = await watch([REFUSED, REFUSED], {policy: {environments: {production}}})
    const images = pods.map(({spec: {containers}}) => containers[0].image)
    assert.equal(new Set(images).size, 2)
    for (const image of images) assert.match(image, new RegExp(`^${HOME}@sha256:[0-9a-f]{64}$`))
    assert.match((await watch([REFUSED])).pods[0]?.spec.containers[0].image ?? '', /^registry\.invalid\//)
  })

  it('goes on where the store is out of reach, records at the next turn, and is not in order before', async () => {
    const evidence = memoryStore()
    const dead = failingCall(evidence.put, {at: 1, after: false, calls: 0}, 'store.unreachable')
    const {turns} = await watch([REFUSED, REFUSED, REFUSED], {evidence: {...evidence, put: dead}})
    assert.deepEqual(
      turns.map(({record, unrecorded}) => [record !== undefined, unrecorded !== undefined]),
      [
        [false, true],
        [true, false],
        [false, false],
      ],
    )
    const never = async () => Promise.reject(new AppError('store.unreachable', 'nobody answers'))
    assert.equal((await watch([REFUSED], {evidence: {...evidence, put: never}})).result.exitCode, 4)
    assert.equal((await watch([ADMITTED], {evidence: {...evidence, put: never, get: never}})).result.exitCode, 1)
  })
})

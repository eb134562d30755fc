/** What the write-ahead log costs: an append, by itself and with others at the same time, and bringing its records into a store. */
import {join} from 'node:path'
import {beginServerRun} from '../../src/lib/actions/admission/begin-server-run.ts'
import {shipWaiting, type Shipping} from '../../src/lib/actions/admission/ship-log.ts'
import {createRecorder} from '../../src/lib/actions/evidence/record-evidence.ts'
import {openAdmissionLog} from '../../src/lib/admission-log/open-log.ts'
import type {AdmissionLog} from '../../src/lib/ports/admission-log.ts'
import type {EvidenceStore, RecordInput} from '../../src/lib/ports/evidence-store.ts'
import {recorderParts} from '../../test/fakes/recorder-parts.ts'
import {inTurn} from './asking.ts'

const BOUNDS = {bytes: 256 * 1024 * 1024, age: 3_600_000}
const JOB = 'admission/bench/bench-0'

/** Milliseconds of each record, from the call to where it is durable. */
export async function appendWaits(folder: string, records: number, atOnce: number): Promise<number[]> {
  const {log, recorder} = await openAt(join(folder, `append-${atOnce}`))
  const waits = await inTurn(names(records), atOnce, async (name) => {
    const began = performance.now()
    await recorder.write(admission(name))
    return performance.now() - began
  })
  await log.close()
  return waits
}

/** Records a second, from a log in which they wait into `store`. */
export async function shippingSpeed(folder: string, store: EvidenceStore, records: number): Promise<number> {
  const {log, recorder} = await openAt(folder)
  await recorder.writeAll(names(records).map(admission))
  const own = recorderParts({store})
  const shipping: Shipping = {
    log,
    store,
    job: JOB,
    now: own.now,
    newId: own.newId,
    recorderAt: async (position) => createRecorder({...own, position: position ?? nowhere()}),
    told: () => undefined,
    damaged: (damage) => {
      throw damage
    },
    shipped: () => undefined,
  }
  const {objects} = log.state()
  const began = performance.now()
  const fault = await shipWaiting(shipping)
  const took = performance.now() - began
  await log.close()
  if (fault !== undefined) throw new Error(fault.message)
  return (objects * 1000) / took
}

async function openAt(folder: string): Promise<{log: AdmissionLog; recorder: Awaited<ReturnType<typeof beginServerRun>>['recorder']}> {
  const log = await openAdmissionLog(folder, BOUNDS)
  const own = recorderParts()
  const recorderOf: Parameters<typeof beginServerRun>[2]['recorder'] = async (position, store) =>
    createRecorder({...own, store: store ?? nowhere(), position: position ?? nowhere()})
  const {recorder} = await beginServerRun(log, {job: JOB}, {newId: own.newId, recorder: recorderOf})
  return {log, recorder}
}

/** As of a pod that was let in. */
function admission(name: string): RecordInput<'admission'> {
  const digest = `sha256:${'ab'.repeat(32)}`
  return {
    stream: 'admission',
    subject: `registry.test/web@${digest}`,
    environment: 'production',
    outcome: 'pass',
    detail: {
      cluster: 'bench',
      uid: name,
      user: 'system:serviceaccount:kube-system:replicaset-controller',
      groups: ['system:serviceaccounts', 'system:authenticated'],
      namespace: 'patient-api',
      kind: 'Pod',
      name,
      owner_chain: [{kind: 'ReplicaSet', name: 'web-5d9c7b8f6'}],
      operation: 'CREATE',
      dry_run: false,
      mode: 'enforce',
      image: `registry.test/web@${digest}`,
      path: 'spec.containers[0]',
      signatures_tried: [{signer: {spki: 'c'.repeat(64)}, state: 'verified'}],
      policy: 'd'.repeat(64),
      verdict: 'verified',
      reasons: [],
      object_uid: name,
    },
  }
}

function names(count: number): string[] {
  return Array.from({length: count}, (_, index) => `web-5d9c7b8f6-${index}`)
}

function nowhere(): never {
  throw new Error('nowhere to write to')
}

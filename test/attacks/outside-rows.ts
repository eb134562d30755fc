/** What is found by what lies elsewhere: kept checkpoints, and who wrote what. */
import {CHECKPOINTS, SEALS} from '../../src/lib/evidence/key.ts'
import {ORIGIN, testCheckpointKey} from '../fakes/checkpoint-keys.ts'
import {sealStore} from '../fakes/sealed-store.ts'
import {ALL, type AttackRow} from './row.ts'
import {FIRST_HEAD, SECOND_HEAD, SECOND_SEAL, TEST, type Scene} from './scene.ts'

const KEPT = '/project/kept.checkpoint'
const EVENTS = '/project/events.json'
const OLD = testCheckpointKey()
const NEW = testCheckpointKey('made by somebody else')
const BOTH = {sealing: {origin: ORIGIN, keys: [OLD.verifier.text, NEW.verifier.text], 'max-lag': 86_400_000}}
const CI = 'arn:aws:sts::123456789012:assumed-role/ci/job-1'
const SCANNER = 'arn:aws:sts::123456789012:assumed-role/scanner/job-1'
const ROLES = {
  sealing: {origin: ORIGIN, keys: [OLD.verifier.text], 'max-lag': 86_400_000},
  writers: {
    ci: {principals: ['arn:aws:sts::123456789012:assumed-role/ci/*'], streams: ['run' as const, 'test' as const, 'sbom' as const]},
    scanner: {principals: ['arn:aws:sts::123456789012:assumed-role/scanner/*'], streams: ['scan' as const]},
  },
}

/** The log made anew over what is left, by somebody who has a key. */
async function remade({store, hands, clock}: Scene): Promise<void> {
  for (const prefix of [SEALS, CHECKPOINTS]) for (const one of await Array.fromAsync(store.list(prefix))) await hands.remove(one)
  await sealStore(store, {key: NEW, at: clock.now().toISOString(), per: 4})
}

async function removeRun({records, hands}: Scene, from: number, to: number): Promise<void> {
  for (const {key} of records.slice(from, to)) await hands.remove(key)
}

/** Of who wrote what, as CloudTrail delivers it. */
function events({records, store}: Scene, principal: (index: number) => string | undefined): Uint8Array {
  const bucketName = /^s3:\/\/([^/]+)/.exec(store.address)?.[1] ?? ''
  const list = records.flatMap(({key}, index) => {
    const arn = principal(index)
    if (arn === undefined) return []
    return [{eventName: 'PutObject', userIdentity: {type: 'AssumedRole', arn}, requestParameters: {bucketName, key: `evidence/${key}`}}]
  })
  return Buffer.from(JSON.stringify({Records: list}))
}

export const OUTSIDE_ROWS: readonly AttackRow[] = [
  {
    attack: 'a run is removed, and all the rest sealed and signed anew with a new key, which the configuration names too',
    on: ALL,
    finds: ['log.forked'],
    exit: 5,
    by: '`--since-checkpoint`: the log has to have that root at that size',
    needsUnlocked: true,
    async act(scene) {
      await removeRun(scene, 0, 4)
      await scene.writer.write('test', TEST)
      await remade(scene)
      return {about: KEPT, config: BOTH, files: {[KEPT]: scene.kept}, sinceCheckpoint: KEPT}
    },
  },
  {
    attack: 'everything is sealed and signed anew with a new key, and only that is named',
    on: ALL,
    finds: ['checkpoint.wrong-key'],
    exit: 5,
    by: '`--since-checkpoint`: the kept checkpoint is signed by another key',
    needsUnlocked: true,
    async act(scene) {
      await remade(scene)
      return {about: KEPT, config: {sealing: {...BOTH.sealing, keys: [NEW.verifier.text]}}, files: {[KEPT]: scene.kept}, sinceCheckpoint: KEPT}
    },
  },
  {
    attack: 'everything is sealed and signed anew with a new key, and the auditor gives the old one',
    on: ALL,
    finds: ['checkpoint.wrong-key', 'checkpoint.wrong-key'],
    exit: 5,
    by: '`--key`: every checkpoint is signed by another one',
    needsUnlocked: true,
    async act(scene) {
      await remade(scene)
      return {about: FIRST_HEAD, config: {}, keys: [OLD.verifier.text]}
    },
  },
  {
    attack: 'the newest seal is dropped with its checkpoint and its records, and a checkpoint was kept',
    on: ALL,
    finds: ['log.truncated'],
    exit: 5,
    by: '`--since-checkpoint`: the log is shorter than it was',
    needsUnlocked: true,
    async act(scene) {
      const kept = await scene.bytes(SECOND_HEAD)
      await removeRun(scene, 4, 7)
      for (const key of [SECOND_SEAL, SECOND_HEAD]) await scene.hands.remove(key)
      return {about: KEPT, files: {[KEPT]: kept}, sinceCheckpoint: KEPT}
    },
  },
  {
    attack: 'the same, and checkpoints are copied to another store',
    on: ALL,
    finds: ['log.truncated'],
    exit: 5,
    by: '`--anchor`: the log is shorter than it was',
    needsUnlocked: true,
    async act(scene) {
      const anchor = {[FIRST_HEAD]: await scene.bytes(FIRST_HEAD), [SECOND_HEAD]: await scene.bytes(SECOND_HEAD)}
      await removeRun(scene, 4, 7)
      for (const key of [SECOND_SEAL, SECOND_HEAD]) await scene.hands.remove(key)
      return {about: `folder:/anchor ${SECOND_HEAD}`, anchor, anchors: ['folder:/anchor']}
    },
  },
  {
    attack: 'a record is in a stream that its writer may not write',
    on: ['bucket', 'copy'],
    finds: ['writer.not-allowed'],
    exit: 5,
    by: '`--writers`: the events of CloudTrail against `writers`',
    async act(scene) {
      return {about: scene.records[1]?.key ?? '', config: ROLES, writers: EVENTS, files: {[EVENTS]: events(scene, (index) => (index === 1 ? SCANNER : CI))}}
    },
  },
  {
    attack: 'no event tells who wrote a record',
    on: ['bucket', 'copy'],
    finds: ['writer.unknown'],
    exit: 6,
    by: '`--writers`: an object without an event',
    async act(scene) {
      return {about: scene.records[1]?.key ?? '', config: ROLES, writers: EVENTS, files: {[EVENTS]: events(scene, (index) => (index === 1 ? undefined : CI))}}
    },
  },
]

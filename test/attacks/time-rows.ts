/** Records that came late, runs with holes, a log that is behind, locks that are too weak. */
import {gzipSync} from 'node:zlib'
import {recordKey} from '../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../src/lib/evidence/record.ts'
import {ORIGIN, testCheckpointKey} from '../fakes/checkpoint-keys.ts'
import {nextSeal, sealsOf, signedHead} from '../fakes/sealed-store.ts'
import {headOf} from './log-rows.ts'
import {BUCKET, SEALED_IN, type AttackRow} from './row.ts'
import {SECOND_HEAD, SECOND_SEAL, TEST, type Scene} from './scene.ts'

/** @param minutes before or after the store's clock */
const shifted = ({clock}: Scene, minutes: number) => new Date(clock.now().getTime() + minutes * 60_000).toISOString()
const SEALING = {origin: ORIGIN, keys: [testCheckpointKey().verifier.text], 'max-lag': 86_400_000}

export const TIME_ROWS: readonly AttackRow[] = [
  {
    attack: 'a record is inserted late and back-dated',
    on: SEALED_IN,
    finds: ['record.back-dated'],
    exit: 5,
    by: 'when it came, as the store says, against its ULID and its time',
    async act(scene) {
      const {key} = await scene.writer.write('test', TEST, {at: shifted(scene, -120)})
      return {about: key}
    },
  },
  {
    attack: 'a record is inserted late and back-dated, and then sealed',
    on: ['bucket', 'folder', 'copy'],
    finds: ['record.back-dated'],
    exit: 5,
    by: 'when it came, as its leaf says',
    async act(scene) {
      const {key} = await scene.writer.write('test', TEST, {at: shifted(scene, -120)})
      await scene.seal()
      return {about: key}
    },
  },
  {
    attack: 'a record is inserted late, and only its name is back-dated',
    on: SEALED_IN,
    finds: ['record.back-dated'],
    exit: 5,
    by: 'its ULID against when it came',
    async act(scene) {
      const {record} = scene.writer.seal('test', TEST, {at: shifted(scene, 0)})
      const id = scene.writer.id(shifted(scene, -120))
      const bytes = gzipSync(`${JSON.stringify({...record, id})}\n`)
      const key = recordKey('test', id, sha256Hex(bytes))
      await scene.hands.force(key, bytes)
      return {about: key}
    },
  },
  {
    attack: 'a record is dated ahead',
    on: SEALED_IN,
    finds: ['record.ahead'],
    exit: 6,
    by: 'as above, the other way round',
    async act(scene) {
      const {key} = await scene.writer.write('test', TEST, {at: shifted(scene, 120)})
      return {about: key}
    },
  },
  {
    attack: 'a seal says that a record came when it gives',
    on: BUCKET,
    finds: ['seal.false-leaf'],
    exit: 5,
    by: 'the time of the version in the list',
    needsUnlocked: true,
    async act(scene) {
      const {key} = await scene.writer.write('test', TEST, {at: shifted(scene, -120)})
      const [right] = await scene.seal()
      const entries = (right?.seal.entries ?? []).map((leaf) => ({...leaf, last_modified: shifted(scene, -120)}))
      const made = nextSeal((await sealsOf(scene.store)).at(-2), entries, {at: right?.seal.sealed_at ?? ''})
      await scene.hands.replace(SECOND_SEAL.replace('2', '3'), made.bytes)
      await scene.hands.replace(SECOND_HEAD.replace('2', '3'), Buffer.from(signedHead(headOf(made.seal), scene.key)))
      return {about: key}
    },
  },
  {
    attack: 'the end of a run is missing',
    on: ['bucket', 'folder', 'copy'],
    finds: ['run.no-end'],
    exit: 6,
    by: 'the chain, rebuilt from leaves',
    async act({writer, seal}) {
      const run = writer.run()
      const {key} = await writer.start(run)
      await writer.write('test', TEST, {run})
      await seal()
      return {about: key}
    },
  },
  {
    attack: 'a step never reported',
    on: ['bucket', 'folder', 'copy'],
    finds: ['run.missing-step'],
    exit: 6,
    by: 'what the start declares, from leaves',
    async act({writer, seal}) {
      const run = writer.run()
      await writer.start(run, ['scan'])
      const {key} = await writer.end(run)
      await seal()
      return {about: key}
    },
  },
  {
    attack: 'a record was never written between two others',
    on: ['bucket', 'folder', 'copy'],
    finds: ['chain.gap'],
    exit: 6,
    by: 'the places in the chain, from leaves',
    async act({writer, seal}) {
      const run = writer.run()
      await writer.start(run)
      writer.seal('test', TEST, {run})
      const {key} = await writer.write('test', TEST, {run})
      await writer.end(run)
      await seal()
      return {about: key}
    },
  },
  {
    attack: 'a record is added to a run that has ended, in a later seal',
    on: ['bucket', 'folder', 'copy'],
    finds: ['run.after-end'],
    exit: 5,
    by: 'the count that the end gives; the run is read again',
    async act({writer, seal, records}) {
      const last = records[6]
      const run = {runid: last?.record.runid ?? '', job: 'main', seq: last?.record.seq ?? 0, last: last?.sha256 ?? ''}
      const {key} = await writer.write('test', TEST, {run})
      await seal()
      return {about: key}
    },
  },
  {
    attack: 'nobody seals any more',
    on: SEALED_IN,
    finds: ['seal.stale-tail'],
    exit: 6,
    by: 'a record that is older than `sealing.max-lag`',
    async act({writer}) {
      const {key} = await writer.write('test', TEST)
      return {about: key, later: 25 * 60}
    },
  },
  {
    attack: 'no sign of life is sealed any more',
    on: ['bucket', 'folder', 'copy'],
    finds: ['seal.stale'],
    exit: 6,
    by: 'the newest seal is older than twice `sealing.heartbeat`',
    act: async () => ({about: SECOND_SEAL, later: 3 * 60, config: {sealing: {...SEALING, heartbeat: 3_600_000}}}),
  },
]

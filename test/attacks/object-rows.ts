/** Attacks on records and blobs. */
import {blobKey, recordKey} from '../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../src/lib/evidence/record.ts'
import {bomb} from './bomb.ts'
import {ALL, BUCKET, FILES, type AttackRow} from './row.ts'
import {flipped, FOREIGN, LOG, TEST, type Scene} from './scene.ts'

const BLOB = blobKey(sha256Hex(LOG))

/** The record of the test in the first run. */
const victim = ({records}: Scene) => records[1]?.key ?? ''

export const OBJECT_ROWS: readonly AttackRow[] = [
  {
    attack: 'a byte of a record is changed',
    on: FILES,
    finds: ['record.altered'],
    exit: 5,
    by: 'the bytes against the digest that was sealed',
    async act(scene) {
      await scene.hands.replace(victim(scene), flipped(await scene.bytes(victim(scene))))
      return {about: victim(scene)}
    },
  },
  {
    attack: 'a byte of a record is changed before it is sealed',
    on: ['folder'],
    finds: ['record.altered'],
    exit: 5,
    by: 'the bytes against the digest in the name',
    async act({writer, hands}) {
      const {key, bytes} = await writer.write('test', TEST)
      await hands.replace(key, flipped(bytes))
      return {about: key}
    },
  },
  {
    attack: 'a byte of a record is changed, and then it is sealed',
    on: ['folder'],
    finds: ['record.altered'],
    exit: 5,
    by: 'the fault that its leaf gives',
    async act({writer, hands, seal}) {
      const {key, bytes} = await writer.write('test', TEST)
      await hands.replace(key, flipped(bytes))
      await seal()
      return {about: key}
    },
  },
  {
    attack: 'a record is deleted',
    on: ALL,
    finds: ['record.deleted'],
    exit: 5,
    by: 'a leaf without its version, or file',
    needsUnlocked: true,
    async act(scene) {
      await scene.hands.remove(victim(scene))
      return {about: victim(scene)}
    },
  },
  {
    attack: 'a record is hidden behind a delete marker',
    on: BUCKET,
    finds: ['record.hidden'],
    exit: 5,
    by: 'the list of versions',
    async act(scene) {
      await scene.hands.hide(victim(scene))
      return {about: victim(scene)}
    },
  },
  {
    attack: 'a record gets a second version',
    on: BUCKET,
    finds: ['record.second-version'],
    exit: 5,
    by: 'the list of versions',
    async act(scene) {
      await scene.hands.force(victim(scene), scene.records[2]?.bytes ?? LOG)
      return {about: victim(scene)}
    },
  },
  {
    attack: 'a record gets a second version, and that is sealed too',
    on: BUCKET,
    finds: ['record.second-version'],
    exit: 5,
    by: 'the list of versions, and the fault that its leaf gives',
    async act(scene) {
      await scene.hands.force(victim(scene), await scene.bytes(victim(scene)))
      await scene.seal()
      return {about: victim(scene)}
    },
  },
  {
    attack: 'a record is replaced by another one of its size',
    on: BUCKET,
    finds: ['record.deleted'],
    exit: 5,
    by: 'the version that was sealed is gone',
    needsUnlocked: true,
    async act(scene) {
      await scene.hands.replace(victim(scene), flipped(await scene.bytes(victim(scene))))
      return {about: victim(scene)}
    },
  },
  ...[FOREIGN, 'blobs/sha256/notes.txt', 'log/seal/notes.txt', 'notes/readme.txt'].map((key): AttackRow => ({
    attack: `something that is no evidence lies at \`${key}\``,
    on: ALL,
    finds: ['record.unknown-object'],
    exit: 5,
    by: 'its name',
    async act({hands}) {
      await hands.force(key, LOG)
      return {about: key}
    },
  })),
  {
    attack: 'a record lies in another stream',
    on: ALL,
    finds: ['record.misplaced', 'chain.fork', 'chain.fork'],
    exit: 5,
    by: 'what it says against its name; its copy claims its place in the run',
    async act({records, hands}) {
      const [, test] = records
      const key = recordKey('deployment', test?.record.id ?? '', test?.sha256 ?? '')
      await hands.force(key, test?.bytes ?? LOG)
      return {about: key}
    },
  },
  {
    attack: 'a gz bomb has the name of a record',
    on: ALL,
    finds: ['record.invalid'],
    exit: 5,
    by: 'unpacked up to a limit',
    async act({writer, hands}) {
      const key = recordKey('test', writer.seal('test', TEST).record.id, sha256Hex(bomb()))
      await hands.force(key, bomb())
      return {about: key}
    },
  },
  {
    attack: 'a blob is gone',
    on: ALL,
    finds: ['blob.missing'],
    exit: 5,
    by: 'a leaf that names it',
    needsUnlocked: true,
    async act(scene) {
      await scene.hands.remove(BLOB)
      return {about: victim(scene)}
    },
  },
  {
    attack: 'a blob is hidden behind a delete marker',
    on: BUCKET,
    finds: ['blob.hidden'],
    exit: 5,
    by: 'the list of versions',
    async act({hands}) {
      await hands.hide(BLOB)
      return {about: BLOB}
    },
  },
  {
    attack: 'a blob is swapped: it gets a second version',
    on: BUCKET,
    finds: ['blob.second-version'],
    exit: 5,
    by: 'the list of versions',
    async act({hands}) {
      await hands.force(BLOB, flipped(LOG))
      return {about: BLOB}
    },
  },
  {
    attack: 'a blob is swapped in its place',
    on: ALL,
    finds: ['blob.altered'],
    exit: 5,
    by: 'the bytes against the digest in the name; in a bucket by `--full`',
    needsUnlocked: true,
    async act({hands}) {
      await hands.replace(BLOB, flipped(LOG))
      return {about: BLOB, full: true}
    },
  },
]

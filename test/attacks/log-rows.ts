/** Attacks on seals and checkpoints. */
import type {Leaf} from '../../src/lib/ledger/leaf.ts'
import {decodeSeal, encodeSeal, type Seal} from '../../src/lib/ledger/seal.ts'
import {testCheckpointKey} from '../fakes/checkpoint-keys.ts'
import {nextSeal, sealsOf, signedHead} from '../fakes/sealed-store.ts'
import {bomb} from './bomb.ts'
import {ALL, BUCKET, type AttackRow} from './row.ts'
import {FIRST_HEAD, FIRST_SEAL, LOG, SECOND_HEAD, SECOND_SEAL, TEST, type Scene} from './scene.ts'

export const LOG_ROWS: readonly AttackRow[] = [
  {
    attack: 'the newest seal is dropped, and its checkpoint left',
    on: ALL,
    finds: ['seal.missing'],
    exit: 5,
    by: 'a checkpoint without its seal',
    needsUnlocked: true,
    async act({hands}) {
      await hands.remove(SECOND_SEAL)
      return {about: SECOND_SEAL}
    },
  },
  {
    attack: 'the newest seal is dropped with its checkpoint, and nothing was kept elsewhere',
    on: ['bucket', 'folder'],
    finds: ['seal.stale-tail'],
    exit: 6,
    by: 'its records lie unsealed for longer than `sealing.max-lag`',
    needsUnlocked: true,
    async act({hands, records}) {
      await hands.remove(SECOND_SEAL)
      await hands.remove(SECOND_HEAD)
      return {about: records[4]?.key ?? '', later: 25 * 60}
    },
  },
  {
    attack: 'a seal between others is dropped',
    on: ALL,
    finds: ['seal.missing'],
    exit: 5,
    by: 'a hole in the numbers',
    needsUnlocked: true,
    async act({hands}) {
      await hands.remove(FIRST_SEAL)
      return {about: FIRST_SEAL}
    },
  },
  {
    attack: 'a seal is hidden behind a delete marker',
    on: BUCKET,
    finds: ['log.hidden'],
    exit: 5,
    by: 'the list of versions; what lies below the marker is read',
    async act({hands}) {
      await hands.hide(SECOND_SEAL)
      return {about: SECOND_SEAL}
    },
  },
  {
    attack: 'a seal gets a second version',
    on: BUCKET,
    finds: ['log.second-version'],
    exit: 5,
    by: 'the list of versions; the first is what was sealed',
    async act(scene) {
      await scene.hands.force(SECOND_SEAL, (await forked(scene)).bytes)
      return {about: SECOND_SEAL}
    },
  },
  {
    attack: 'a checkpoint gets a second version',
    on: BUCKET,
    finds: ['log.second-version'],
    exit: 5,
    by: 'the list of versions',
    async act({hands}) {
      await hands.force(SECOND_HEAD, LOG)
      return {about: SECOND_HEAD}
    },
  },
  {
    attack: 'an entry of a seal is changed',
    on: ALL,
    finds: ['seal.broken'],
    exit: 5,
    by: 'its entries hashed again',
    needsUnlocked: true,
    async act(scene) {
      const seal = structuredClone(decodeSeal(await scene.bytes(SECOND_SEAL), SECOND_SEAL).seal)
      if (seal.entries[1]?.told !== undefined) seal.entries[1].told.outcome = 'fail'
      await scene.hands.replace(SECOND_SEAL, encodeSeal(seal).bytes)
      return {about: SECOND_SEAL}
    },
  },
  {
    attack: 'an older seal says that it was made at another time',
    on: ALL,
    finds: ['seal.broken'],
    exit: 5,
    by: 'the digest that the next seal names',
    needsUnlocked: true,
    async act(scene) {
      const {seal} = decodeSeal(await scene.bytes(FIRST_SEAL), FIRST_SEAL)
      const at = new Date(Date.parse(seal.sealed_at) - 1000).toISOString()
      await scene.hands.replace(FIRST_SEAL, encodeSeal({...seal, sealed_at: at, swept: {window: at, all: at}}).bytes)
      return {about: SECOND_SEAL}
    },
  },
  {
    attack: 'the newest seal is made anew, without one of its records',
    on: ALL,
    finds: ['checkpoint.contradicts'],
    exit: 5,
    by: 'the root that its checkpoint signs',
    needsUnlocked: true,
    async act(scene) {
      await scene.hands.replace(SECOND_SEAL, (await forked(scene)).bytes)
      return {about: SECOND_HEAD}
    },
  },
  {
    attack: 'a gz bomb has the name of a seal',
    on: ALL,
    finds: ['seal.unreadable'],
    exit: 5,
    by: 'unpacked up to a limit',
    needsUnlocked: true,
    async act({hands}) {
      await hands.replace(SECOND_SEAL, bomb())
      return {about: SECOND_SEAL}
    },
  },
  {
    attack: 'a seal beyond the log is made up',
    on: ALL,
    finds: ['seal.broken'],
    exit: 5,
    by: 'it does not follow from the one before it',
    async act(scene) {
      const {seal} = await madeUp(scene, 0)
      const key = SECOND_SEAL.replace('2', '3')
      await scene.hands.force(key, encodeSeal({...seal, prev: 'ab'.repeat(32)}).bytes)
      await scene.hands.force(SECOND_HEAD.replace('2', '3'), Buffer.from(signedHead(headOf(seal), scene.key)))
      return {about: key}
    },
  },
  {
    attack: 'a record is sealed twice',
    on: ALL,
    finds: ['seal.twice'],
    exit: 5,
    by: 'the same version in two leaves',
    async act(scene) {
      const {seal, bytes} = await madeUp(scene, 1)
      await scene.hands.force(SECOND_SEAL.replace('2', '3'), bytes)
      await scene.hands.force(SECOND_HEAD.replace('2', '3'), Buffer.from(signedHead(headOf(seal), scene.key)))
      return {about: seal.entries[0]?.key ?? ''}
    },
  },
  {
    attack: 'a checkpoint is signed by another key',
    on: ALL,
    finds: ['checkpoint.wrong-key'],
    exit: 5,
    by: 'the keys that `sealing.keys` or `--key` names',
    needsUnlocked: true,
    async act({hands, store}) {
      const {seal} = (await sealsOf(store)).at(-1) ?? {}
      if (seal !== undefined) await hands.replace(SECOND_HEAD, Buffer.from(signedHead(headOf(seal), testCheckpointKey('somebody else'))))
      return {about: SECOND_HEAD}
    },
  },
  {
    attack: 'a signature is changed',
    on: ALL,
    finds: ['checkpoint.invalid'],
    exit: 5,
    by: 'the signature against the text',
    needsUnlocked: true,
    async act({hands, bytes}) {
      const note = Buffer.from(await bytes(FIRST_HEAD)).toString()
      await hands.replace(FIRST_HEAD, Buffer.from(note.replace(/(.{20})\n$/, (end) => end.replace(/[A-Za-z]/, (letter) => (letter === 'A' ? 'B' : 'A')))))
      return {about: FIRST_HEAD}
    },
  },
  {
    attack: "a checkpoint of the log's own key says another size",
    on: ALL,
    finds: ['checkpoint.contradicts'],
    exit: 5,
    by: 'the seal beside it',
    needsUnlocked: true,
    async act({hands, bytes}) {
      await hands.replace(SECOND_HEAD, await bytes(FIRST_HEAD))
      return {about: SECOND_HEAD}
    },
  },
  {
    attack: 'a checkpoint is no signed note',
    on: ALL,
    finds: ['checkpoint.unreadable'],
    exit: 5,
    by: 'its form',
    needsUnlocked: true,
    async act({hands}) {
      await hands.replace(FIRST_HEAD, LOG)
      return {about: FIRST_HEAD}
    },
  },
  {
    attack: 'a checkpoint is removed',
    on: ALL,
    finds: ['checkpoint.missing'],
    exit: 6,
    by: 'a seal without one',
    needsUnlocked: true,
    async act({hands}) {
      await hands.remove(FIRST_HEAD)
      return {about: FIRST_HEAD, later: 30}
    },
  },
  {
    attack: 'the configuration no longer says whose checkpoints count',
    on: ALL,
    finds: ['checkpoint.no-key'],
    exit: 5,
    by: 'a signed log, and no key',
    act: async () => ({about: SECOND_HEAD, config: {}}),
  },
  {
    attack: 'a leaf says what the record does not say',
    on: ALL,
    finds: ['seal.false-leaf'],
    exit: 5,
    by: '`--full`: the leaf made again from the record',
    async act(scene) {
      const record = await scene.writer.write('test', TEST, {outcome: 'fail'})
      const [right] = await scene.seal()
      if (right === undefined) throw new Error('nothing was sealed')
      const entries = right.seal.entries.map((leaf) => (leaf.told === undefined ? leaf : {...leaf, told: {...leaf.told, outcome: 'pass' as const}}))
      const lying = nextSeal((await sealsOf(scene.store)).at(-2), entries, {at: right.seal.sealed_at})
      await scene.hands.replace(SECOND_SEAL.replace('2', '3'), lying.bytes)
      await scene.hands.replace(SECOND_HEAD.replace('2', '3'), Buffer.from(signedHead(headOf(lying.seal), scene.key)))
      return {about: record.key, full: true}
    },
    needsUnlocked: true,
  },
  {
    attack: 'a leaf says nothing of its record, so that no chain misses it',
    on: ALL,
    finds: ['seal.false-leaf'],
    exit: 5,
    by: 'its form: a sealer tells what the record says, or what is wrong with it',
    needsUnlocked: true,
    async act(scene) {
      const {key} = await scene.writer.write('test', TEST)
      const [right] = await scene.seal()
      const entries = (right?.seal.entries ?? []).map((leaf) => without('told', leaf))
      const lying = nextSeal((await sealsOf(scene.store)).at(-2), entries, {at: right?.seal.sealed_at ?? ''})
      await scene.hands.replace(SECOND_SEAL.replace('2', '3'), lying.bytes)
      await scene.hands.replace(SECOND_HEAD.replace('2', '3'), Buffer.from(signedHead(headOf(lying.seal), scene.key)))
      return {about: key}
    },
  },
  {
    attack: 'a leaf names no version, and the record is replaced by another of its size',
    on: BUCKET,
    finds: ['record.altered'],
    exit: 5,
    by: 'the bytes: a leaf without a version has nothing that a list could be held to',
    needsUnlocked: true,
    async act(scene) {
      const {key, bytes} = await scene.writer.write('test', TEST)
      const [right] = await scene.seal()
      const entries = (right?.seal.entries ?? []).map((leaf) => without('version', leaf))
      const lying = nextSeal((await sealsOf(scene.store)).at(-2), entries, {at: right?.seal.sealed_at ?? ''})
      await scene.hands.replace(SECOND_SEAL.replace('2', '3'), lying.bytes)
      await scene.hands.replace(SECOND_HEAD.replace('2', '3'), Buffer.from(signedHead(headOf(lying.seal), scene.key)))
      await scene.hands.replace(
        key,
        bytes.map((byte, index) => (index === 30 ? byte ^ 1 : byte)),
      )
      return {about: key}
    },
  },
]

/** The second seal as it would be had its last record never come; nobody signed it. */
async function forked({store}: Scene) {
  const [first, second] = await sealsOf(store)
  return nextSeal(first, second?.seal.entries.slice(0, -1) ?? [], {at: second?.seal.sealed_at ?? ''})
}

/** A third seal, of old records once more. */
async function madeUp({store}: Scene, entries: number) {
  const [, second] = await sealsOf(store)
  return nextSeal(second, second?.seal.entries.slice(0, entries) ?? [], {at: second?.seal.sealed_at ?? ''})
}

export function headOf({origin, size_after: size, root_after: root}: Seal) {
  return {origin, size, root}
}

function without(field: 'told' | 'version', leaf: Leaf): Leaf {
  const rest = {...leaf}
  delete rest[field]
  return rest
}

/** A log that somebody else had a hand in: it is told, nothing is signed, and nothing is appended. */
import assert from 'node:assert/strict'
import {AppError} from '../../../../src/lib/errors.ts'
import {checkpointKey, sealKey} from '../../../../src/lib/evidence/key.ts'
import {decodeSeal, encodeSeal} from '../../../../src/lib/ledger/seal.ts'
import {testCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {memoryStore, versionedMemoryStore} from '../../../fakes/memory-store.ts'
import {nextSeal} from '../../../fakes/sealed-store.ts'
import {NOW, sealNow, write} from './sealing-context.ts'

const at = (time: string) => ({now: () => new Date(time)})

describe('a log that no sealer leaves', () => {
  const key = testCheckpointKey()

  async function sealed() {
    const store = versionedMemoryStore(at(NOW))
    for (const hour of ['05', '06', '07']) {
      await write(store, 2, `2026-03-02T${hour}:00:00.000Z`)
      await sealNow(store)
    }
    await write(store, 1)
    return store
  }
  type Sealed = Awaited<ReturnType<typeof sealed>>
  const replace = (store: Sealed, of: string, bytes: Uint8Array) => {
    store.kept.delete(of)
    store.force(of, bytes)
  }
  const bytesOf = (store: Sealed, of: string) => store.kept.get(of)?.[0]?.bytes ?? Buffer.from('')

  const attacks: Record<string, [code: string, (store: Sealed) => void]> = {
    'its tail cut off': ['log.truncated', (store) => store.kept.delete(sealKey(3))],
    'a seal missing in between': ['seal.missing', (store) => store.kept.delete(sealKey(2))],
    'its newest seal torn': ['seal.unreadable', (store) => replace(store, sealKey(3), bytesOf(store, sealKey(3)).subarray(0, 50))],
    'an older seal in the place of its newest': ['seal.broken', (store) => replace(store, sealKey(3), bytesOf(store, sealKey(2)))],
    'a newest seal with another beginning': ['seal.broken', (store) => replace(store, sealKey(2), bytesOf(store, sealKey(1)))],
    'its newest seal hidden': ['log.hidden', (store) => store.hide(sealKey(3))],
    'a second version of its newest seal': ['log.second-version', (store) => store.force(sealKey(3), bytesOf(store, sealKey(3)))],
    'a checkpoint that is no note': ['checkpoint.unreadable', (store) => replace(store, checkpointKey(3), Buffer.from('signed'))],
    'a checkpoint of another seal': ['checkpoint.contradicts', (store) => replace(store, checkpointKey(3), bytesOf(store, checkpointKey(2)))],
    'a checkpoint whose signature is of another': [
      'checkpoint.invalid',
      (store) =>
        replace(
          store,
          checkpointKey(3),
          Buffer.from(
            Buffer.from(bytesOf(store, checkpointKey(3)))
              .toString()
              .replace('\n6\n', '\n7\n'),
          ),
        ),
    ],
    'the checkpoints of its last two seals removed': ['checkpoint.removed', (store) => [2, 3].forEach((n) => store.kept.delete(checkpointKey(n)))],
  }
  it('is not signed: a seal that says of a record what it does not say, by somebody without the key', async () => {
    const store = await sealed()
    const {seal} = decodeSeal(bytesOf(store, sealKey(3)), sealKey(3))
    const before = {seal: decodeSeal(bytesOf(store, sealKey(2)), sealKey(2)).seal, bytes: bytesOf(store, sealKey(2)), sha256: seal.prev ?? ''}
    const told = seal.entries.map((leaf) => ({...leaf, ...(leaf.told !== undefined && {told: {...leaf.told, outcome: 'fail' as const}})}))
    const times = seal.entries.map((leaf) => ({...leaf, last_modified: '2026-03-02T06:00:00.000Z'}))
    store.kept.delete(checkpointKey(3))
    for (const entries of [told, times]) {
      replace(store, sealKey(3), nextSeal(before, entries, {origin: seal.origin, at: NOW}).bytes)
      await assert.rejects(sealNow(store), {code: 'seal.false-leaf'})
      assert.equal(store.kept.has(checkpointKey(3)), false)
    }
    // As a sealer that was killed leaves it; of what was removed since nothing can be said.
    replace(store, sealKey(3), nextSeal(before, seal.entries, {origin: seal.origin, at: NOW}).bytes)
    store.kept.delete(seal.entries[0]?.key ?? '')
    await sealNow(store)
    assert.equal(store.kept.has(checkpointKey(3)), true)
  })

  it('is not gone on with: a newest seal that counts otherwise than its entries, though its root is the one that was signed', async () => {
    const store = await sealed()
    const {seal} = decodeSeal(bytesOf(store, sealKey(3)), sealKey(3))
    replace(store, sealKey(3), encodeSeal({...seal, totals: seal.totals.map((total) => ({...total, count: total.count + 1}))}).bytes)
    await assert.rejects(sealNow(store), {code: 'seal.broken', message: /counts other records/})
  })

  it('is not gone on with: a seal that is replaced while it is read', async () => {
    const [store, other] = [memoryStore(at(NOW)), memoryStore(at(NOW))]
    await write(store, 1)
    await write(other, 2, '2026-03-02T04:00:00.000Z')
    await sealNow(store)
    await sealNow(other)
    let reads = 0
    const get = async (of: string) => (of === sealKey(1) && (reads += 1) > 1 ? other.get(of) : store.get(of))
    await assert.rejects(sealNow({...store, get}, {all: true}), {code: 'seal.broken', message: /was replaced while it was read/})
  })

  it('is not gone on with: somebody else has signed another root where ours is to be', async () => {
    const store = await sealed()
    const put = async (of: string, bytes: Uint8Array) => store.put(of, of === checkpointKey(4) ? bytesOf(store, checkpointKey(3)) : bytes)
    const late = async (of: string, bytes: Uint8Array) => (of === checkpointKey(4) ? (await put(of, bytes), store.put(of, bytes)) : store.put(of, bytes))
    await assert.rejects(sealNow({...store, put: late}), {code: 'checkpoint.contradicts'})
  })

  it('gets no checkpoint that does not verify', async () => {
    const store = await sealed()
    await assert.rejects(sealNow(store, {key: {...key, sign: async () => new Uint8Array(64)}}), {code: 'checkpoint.invalid'})
    assert.deepEqual([store.kept.has(sealKey(4)), store.kept.has(checkpointKey(4))], [true, false])
  })

  for (const [attack, [code, change]] of Object.entries(attacks))
    it(`is not gone on with: ${attack}`, async () => {
      const store = await sealed()
      change(store)
      const before = [...store.kept.keys()]
      const signs: string[] = []
      const watched = {...key, sign: async (text: Uint8Array) => (signs.push(String(text)), key.sign(text))}
      await assert.rejects(sealNow(store, {key: watched}), (error) => error instanceof AppError && error.code === code && error.exitCode === 5)
      assert.deepEqual([signs, [...store.kept.keys()]], [[], before])
    })

  it('is not gone on with: signed by somebody else, unless the configuration trusts the key', async () => {
    const store = await sealed()
    const other = testCheckpointKey('another key')
    await assert.rejects(sealNow(store, {key: other}), {code: 'checkpoint.wrong-key'})
    const keys = [key.verifier.text, other.verifier.text]
    assert.equal((await sealNow(store, {key: other, sealing: {keys}})).size, 7)
  })

  it('is not gone on with under another name', async () => {
    const store = await sealed()
    const elsewhere = testCheckpointKey('the log of the tests', 'log.example/other')
    await assert.rejects(sealNow(store, {key: elsewhere, sealing: {origin: 'log.example/other'}}), {
      code: 'seal.broken',
      message: /^the log in the store is log\.example\/evidence/,
    })
  })

  it('is signed where a crash left its newest seal without a checkpoint, and only there', async () => {
    const store = await sealed()
    const was = Buffer.from(bytesOf(store, checkpointKey(3))).toString()
    store.kept.delete(checkpointKey(3))
    assert.equal((await sealNow(store)).seal, 4)
    assert.equal(Buffer.from(bytesOf(store, checkpointKey(3))).toString(), was)
  })
})

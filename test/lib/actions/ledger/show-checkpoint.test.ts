import assert from 'node:assert/strict'
import {readAnchor} from '../../../../src/lib/actions/ledger/read-anchor.ts'
import {showCheckpoint, type ShowCheckpointRequest} from '../../../../src/lib/actions/ledger/show-checkpoint.ts'
import {showVerifierKeys} from '../../../../src/lib/actions/ledger/show-verifier-keys.ts'
import {checkpointKey, sealKey, timestampKey} from '../../../../src/lib/evidence/key.ts'
import {notesInLetter} from '../../../../src/lib/ledger/letter.ts'
import {testCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {anchoredLog, key, PINNED, stampOf, TIME, TSA, type AnchoredLog} from './anchored-log.ts'

describe('showCheckpoint', () => {
  let log: AnchoredLog
  beforeEach(() => (log = anchoredLog({timestamp: TSA, 'timestamp-authorities': [PINNED]})))
  const show = async (request: Partial<ShowCheckpointRequest> = {}) => showCheckpoint({keys: [], letter: false, timestamp: false, ...request}, log.context)

  it('gives the newest one, with who signed it and when it was sealed', async () => {
    await log.grow()
    await log.grow()
    const {size, root, note, origin} = log.checkpoint(2)
    assert.deepEqual(await show(), {
      result: {
        exitCode: 0,
        store: log.store.address,
        n: 2,
        origin,
        size,
        root,
        note,
        signedBy: key.verifier.text,
        sealedAt: '2026-03-02T12:00:00.000Z',
      },
    })
    assert.equal(size, 2)
    assert.deepEqual(log.asked, [])
  })

  it('puts it into a letter that an anchor is read from', async () => {
    await log.grow()
    const {letter = ''} = await show({letter: true})
    assert.deepEqual(notesInLetter(Buffer.from(letter)), [log.checkpoint(1).note])
    assert.match(letter, /patient-api/)
    assert.match(letter, /no timestamp was verified/)
  })

  it('takes the stored timestamp, and asks for a new one only where one is wanted', async () => {
    await log.grow()
    const {note} = log.checkpoint(1)
    const fresh = await show({timestamp: true, letter: true})
    assert.deepEqual([fresh.response, fresh.result.trustedTime, log.asked], [stampOf(note), TIME, [TSA]])
    assert.ok(fresh.letter?.includes(TIME))
    assert.equal(await log.store.get(timestampKey(1)), undefined)

    await log.store.put(timestampKey(1), stampOf(note))
    const stored = await show({timestamp: true})
    assert.deepEqual([stored.response, stored.result.trustedTime, log.asked], [Uint8Array.from(stampOf(note)), TIME, [TSA]])
    assert.equal((await show()).result.trustedTime, TIME)
  })

  it('asks nobody for a timestamp where no authority is configured', async () => {
    log = anchoredLog()
    await log.grow()
    await assert.rejects(show({timestamp: true}), {code: 'usage.flag', message: /no authority is configured/})
  })

  it('copies it into another store, from where an anchor is read', async () => {
    log.others.set('s3://auditor/checkpoints', memoryStore())
    for (let n = 1; n <= 3; n++) {
      await log.grow()
      assert.deepEqual((await show({to: 's3://auditor/checkpoints'})).result.copied, {
        address: 's3://auditor/checkpoints',
        key: checkpointKey(n),
        state: 'written',
      })
    }
    const anchors = await readAnchor('s3://auditor/checkpoints', [key.verifier], log.context)
    assert.deepEqual(
      anchors.map(({checkpoint}) => checkpoint.size),
      [1, 2, 3],
    )
  })

  it('says that nothing is sealed', async () => {
    await assert.rejects(show(), {code: 'checkpoint.missing', exitCode: 6})
  })

  it('gives none that another key signed, that was changed, or that its seal contradicts', async () => {
    await log.grow()
    const other = testCheckpointKey('another log').verifier.text
    await assert.rejects(show({keys: [other]}), {code: 'checkpoint.wrong-key', exitCode: 5})
    const {note} = log.checkpoint(1)
    log.store.objects.set(checkpointKey(1), Buffer.from(note.replace('\n1\n', '\n2\n')))
    await assert.rejects(show(), {code: 'checkpoint.invalid', exitCode: 5})

    const rewritten = anchoredLog()
    await rewritten.grow('rewritten')
    log.store.objects.set(checkpointKey(1), Buffer.from(rewritten.checkpoint(1).note))
    await assert.rejects(show(), {code: 'checkpoint.contradicts', exitCode: 5})
    log.store.objects.delete(sealKey(1))
    await assert.rejects(show(), {code: 'seal.missing'})
  })
})

describe('showVerifierKeys', () => {
  it('gives those that count', async () => {
    const {context} = anchoredLog()
    assert.deepEqual(await showVerifierKeys({keys: []}, context), {exitCode: 0, keys: [key.verifier.text]})
    await assert.rejects(showVerifierKeys({keys: []}, anchoredLog({keys: undefined}).context), {code: 'checkpoint.no-key'})
  })
})

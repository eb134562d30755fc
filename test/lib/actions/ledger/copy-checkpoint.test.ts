import assert from 'node:assert/strict'
import {copyCheckpoint} from '../../../../src/lib/actions/ledger/copy-checkpoint.ts'
import {checkpointKey, timestampKey} from '../../../../src/lib/evidence/key.ts'
import {checkpointNote, checkpointText} from '../../../../src/lib/ledger/checkpoint.ts'
import {testSigner} from '../../../fakes/checkpoints.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {anchoredLog, stampOf, type AnchoredLog} from './anchored-log.ts'

const COPY = 's3://auditor/checkpoints'

describe('copyCheckpoint', () => {
  let log: AnchoredLog
  beforeEach(() => {
    log = anchoredLog()
    log.others.set(COPY, memoryStore()).set('folder:/project/copy', memoryStore())
  })
  const copy = async (n: number, to = COPY, response?: Uint8Array) =>
    copyCheckpoint({n, note: log.checkpoint(n).note, ...(response !== undefined && {response})}, to, log.context)
  const copied = (n: number, address = COPY) => Buffer.from(log.others.get(address)?.objects.get(checkpointKey(n)) ?? '').toString()

  it('writes it once under its own name, its timestamp beside it, and again it is there', async () => {
    const n = await log.grow()
    assert.deepEqual(await copy(n, COPY, stampOf('x')), {address: COPY, key: checkpointKey(n), state: 'written'})
    assert.deepEqual(await copy(n), {address: COPY, key: checkpointKey(n), state: 'present'})
    assert.equal(copied(n), log.checkpoint(n).note)
    assert.deepEqual(Array.from(log.others.get(COPY)?.objects.keys() ?? []), [checkpointKey(n), timestampKey(n)])
  })

  it('takes the path of a folder from the working folder', async () => {
    assert.equal((await copy(await log.grow(), 'folder:copy')).address, 'folder:/project/copy')
  })

  it('finds another history under the same name, and leaves it', async () => {
    const n = await log.grow()
    await copy(n)
    const rewritten = anchoredLog()
    rewritten.others.set(COPY, log.others.get(COPY) ?? memoryStore())
    await rewritten.grow('rewritten')
    const {note} = rewritten.checkpoint(1)
    await assert.rejects(copyCheckpoint({n: 1, note}, COPY, rewritten.context), {code: 'log.forked', exitCode: 5})
    assert.equal(copied(n), log.checkpoint(n).note)
  })

  it('takes what is no checkpoint for another history', async () => {
    const n = await log.grow()
    await log.others.get(COPY)?.put(checkpointKey(n), Buffer.from('something'))
    await assert.rejects(copy(n), {code: 'log.forked'})
  })

  it('takes another signature under the same words for the same', async () => {
    const signer = testSigner('ecdsa-p256')
    const {origin, size, root} = signer.checkpoint(7)
    const again = () => checkpointNote({origin, size, root}, signer.verifier, signer.sign(Buffer.from(checkpointText({origin, size, root}))))
    const [first, second] = [again(), again()]
    assert.notEqual(first, second)
    assert.equal((await copyCheckpoint({n: 1, note: first}, COPY, log.context)).state, 'written')
    assert.equal((await copyCheckpoint({n: 1, note: second}, COPY, log.context)).state, 'present')
  })

  it('does not take it for the same where the store hides what is there', async () => {
    log = anchoredLog({}, () => ({storeAt: async () => ({...memoryStore(), put: async () => 'present' as const, address: COPY})}))
    await assert.rejects(copy(await log.grow()), {code: 'store.refused'})
  })

  it('refuses the store itself', async () => {
    await assert.rejects(copy(await log.grow(), log.store.address), {code: 'usage.flag', message: /is the store itself/})
  })
})

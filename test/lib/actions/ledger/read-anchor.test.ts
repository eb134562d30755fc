import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {readAnchor} from '../../../../src/lib/actions/ledger/read-anchor.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {checkpointKey, timestampKey} from '../../../../src/lib/evidence/key.ts'
import {letterText} from '../../../../src/lib/ledger/letter.ts'
import {ORIGIN, testSigner} from '../../../fakes/checkpoints.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {quietContext, type QuietContext} from '../../../fakes/quiet-context.ts'

const CHAIN = 'synthetic chain'
const PIN = {file: 'tsa.pem', sha256: `sha256:${createHash('sha256').update(CHAIN).digest('hex')}`}
const TIME = '2026-03-02T08:00:05.000Z'

describe('readAnchor', () => {
  const signer = testSigner()
  const keys = [signer.verifier]
  const {note} = signer.checkpoint(10)
  let files: Map<string, string>
  let store: MemoryStore
  let asked: string[]
  beforeEach(() => {
    files = new Map([['/project/tsa.pem', CHAIN]])
    store = memoryStore()
    asked = []
  })

  /** An authority whose timestamp of `x` is `stamp of x`. */
  const contextWith = (sealing: object = {'timestamp-authorities': [PIN]}): QuietContext =>
    quietContext({
      config: {...Config.parse({version: 1, system: 'patient-api', sealing: {origin: ORIGIN, ...sealing}}), root: '/project'},
      files: {exists: async (path) => files.has(path), read: async (path) => Buffer.from(files.get(path) ?? assert.fail(`${path} is not there`))},
      storeAt: async (address) => {
        asked.push(address)
        return store
      },
      timestampTime: async () => (response, about, authorities) => {
        assert.deepEqual(authorities, [{chain: CHAIN}])
        return Buffer.from(response).toString() === `stamp of ${Buffer.from(about).toString()}` ? TIME : undefined
      },
    })
  const read = async (named: string, context = contextWith(), trusted = keys) => readAnchor(named, trusted, context)
  const letter = (size: number) =>
    letterText({
      checkpoint: signer.checkpoint(size),
      n: 1,
      key: signer.verifier,
      system: 's',
      store: 'folder:/x',
      sealedAt: TIME,
      writtenAt: TIME,
    })

  it('reads a checkpoint out of its file, and out of letters', async () => {
    files.set('/project/kept', note).set('/elsewhere/letters.md', `${letter(10)}${letter(20)}`)
    assert.deepEqual(await read('kept'), [{checkpoint: signer.checkpoint(10), from: '/project/kept'}])
    assert.deepEqual(
      (await read('/elsewhere/letters.md')).map(({checkpoint}) => checkpoint.size),
      [10, 20],
    )
  })

  it('gives the time of a timestamp beside it, whichever of the two is named', async () => {
    files.set('/project/kept', note).set('/project/kept.tsr', `stamp of ${note}`)
    for (const named of ['kept', 'kept.tsr'])
      assert.deepEqual(await read(named), [{checkpoint: signer.checkpoint(10), from: '/project/kept', trustedTime: TIME}])
  })

  it('refuses a timestamp that does not verify', async () => {
    files.set('/project/kept', note).set('/project/kept.tsr', 'stamp of something else')
    for (const named of ['kept', 'kept.tsr']) await assert.rejects(read(named), {code: 'anchor.unreadable', message: /^\/project\/kept: no pinned authority/})
  })

  it('says that a timestamp says nothing where no authority is pinned', async () => {
    files.set('/project/kept', note).set('/project/kept.tsr', `stamp of ${note}`)
    const context = contextWith({})
    assert.deepEqual(await read('kept', context), [{checkpoint: signer.checkpoint(10), from: '/project/kept'}])
    assert.match(context.said.join('\n'), /pins no authority/)
    await assert.rejects(read('kept.tsr', contextWith({})), {code: 'anchor.unreadable', message: /nothing says whose timestamps count/})
  })

  it('refuses a timestamp without its checkpoint', async () => {
    files.set('/project/kept.tsr', `stamp of ${note}`)
    await assert.rejects(read('kept.tsr'), {code: 'anchor.unreadable', message: /\/project\/kept, is not beside it$/})
  })

  for (const [what, content] of [
    ['nothing', ''],
    ['something else', 'no note at all\n'],
    ['a note that is no checkpoint', `a note\n\n${note.split('\n\n')[1]}`],
    ['too much', `${note}${'x'.repeat(1024 * 1024)}`],
  ] as const)
    it(`refuses a file that holds ${what}`, async () => {
      files.set('/project/kept', content)
      await assert.rejects(read('kept'), {code: 'anchor.unreadable'})
    })

  it('refuses a checkpoint by another key, and one that was changed', async () => {
    files.set('/project/kept', note)
    await assert.rejects(read('kept', contextWith(), [testSigner().verifier]), {code: 'checkpoint.wrong-key'})
    // The same key, vouching for another log.
    await assert.rejects(read('kept', contextWith(), [testSigner('ed25519', 'other.example/log').verifier]), {code: 'anchor.other-log'})
    files.set('/project/kept', note.replace('\n10\n', '\n11\n'))
    await assert.rejects(read('kept'), {code: 'checkpoint.invalid'})
    await assert.rejects(read('kept', contextWith(), []), {code: 'checkpoint.no-key'})
  })

  it('reads every checkpoint of a store, with its timestamp', async () => {
    for (let n = 1; n <= 40; n++) await store.put(checkpointKey(n), Buffer.from(signer.checkpoint(n * 10).note))
    await store.put(timestampKey(3), Buffer.from(`stamp of ${signer.checkpoint(30).note}`))
    await store.put('log/seal/000000000001.json.gz', Buffer.from('not looked at'))
    const found = await read('folder:copy')
    assert.deepEqual(asked, ['folder:/project/copy'])
    assert.deepEqual(
      found.map(({checkpoint, trustedTime}) => [checkpoint.size, trustedTime]),
      Array.from({length: 40}, (_, at) => [(at + 1) * 10, at === 2 ? TIME : undefined]),
    )
    assert.equal(found[2]?.from, 'folder:copy log/checkpoint/000000000003')
  })

  it('refuses a store of which one checkpoint does not hold', async () => {
    await store.put(checkpointKey(1), Buffer.from(note))
    await store.put(checkpointKey(2), Buffer.from(testSigner().checkpoint(20).note))
    await assert.rejects(read('s3://auditor/copies'), {code: 'checkpoint.wrong-key', message: /^s3:\/\/auditor\/copies log\/checkpoint\/000000000002: /})
  })

  it('says that a store has none', async () => {
    await assert.rejects(read('s3://auditor/copies'), {code: 'anchor.missing'})
  })
})

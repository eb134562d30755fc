import assert from 'node:assert/strict'
import {mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {ulid} from 'ulid'
import {AppError} from '../../../src/lib/errors.ts'
import {recordKey} from '../../../src/lib/evidence/key.ts'
import {createProbe} from '../../../src/lib/machine/probe.ts'

const unused = async (): Promise<never> => assert.fail('not asked here')

describe('machine/probe', () => {
  let root: string
  beforeEach(() => (root = realpathSync(mkdtempSync(join(tmpdir(), 'probe-test-')))))
  afterEach(() => rmSync(root, {recursive: true, force: true}))

  const probe = createProbe({tool: unused, advisories: unused, bucket: unused, registry: unused, tracking: async () => 'ignored'})

  const rejected = async (work: Promise<unknown>, code: string) => assert.rejects(work, (error) => error instanceof AppError && error.code === code)

  it('knows a store that is there, or would be made', async () => {
    const absent = await probe.store(`folder:${join(root, 'a', 'b')}`)
    assert.deepEqual([absent.exists, absent.writable, absent.newestRecord], [false, true, undefined])
    assert.ok(absent.freeBytes > 0)
    mkdirSync(join(root, 'store'))
    assert.equal((await probe.store(`folder:${join(root, 'store')}`)).exists, true)
  })

  it('reads the time of the newest record from its name, whatever else lies there', async () => {
    const put = (key: string) => {
      mkdirSync(join(root, key, '..'), {recursive: true})
      writeFileSync(join(root, key), '')
    }
    put(recordKey('scan', ulid(Date.parse('2026-01-07T10:00:00.000Z')), 'a'.repeat(64)))
    put(recordKey('sbom', ulid(Date.parse('2026-01-06T23:00:00.000Z')), 'b'.repeat(64)))
    put('records/v1/scan/dt=2026-01-07/zzz')
    put('records/v1/stray')
    const {newestRecord} = await probe.store(`folder:${root}`)
    assert.equal(newestRecord, '2026-01-07T10:00:00.000Z')
  })

  it('says why a store cannot be looked at', async () => {
    writeFileSync(join(root, 'file'), '')
    await rejected(probe.store(`folder:${join(root, 'file')}`), 'store.unreachable')
    await rejected(probe.store(`folder:${join(root, 'file', 'below')}`), 'store.unreachable')
    await rejected(probe.store('s3://bucket'), 'store.unsupported')
  })

  it('reads mode and tracking of a key file', async () => {
    const path = join(root, 'cosign.key')
    assert.equal(await probe.keyFile(path), undefined)
    writeFileSync(path, 'synthetic', {mode: 0o640})
    assert.deepEqual(await probe.keyFile(path), {mode: 0o640, tracking: 'ignored'})
    await rejected(probe.keyFile(root), 'key.unreadable')
    await rejected(probe.keyFile(join(path, 'below')), 'key.unreadable')
  })

  it('reads the time of the file system', async () => {
    assert.ok(Math.abs((await probe.fileTime()).getTime() - Date.now()) < 60_000)
  })
})

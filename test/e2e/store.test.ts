/** Setting a bucket up, auditing it, extending and holding what lies in it: the built program against a real S3 server. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {DeleteObjectCommand} from '@aws-sdk/client-s3'
import type {PolicyDocument} from '../../src/lib/access/policy-document.ts'
import {startS3, type S3Server} from '../s3.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const UNIT = '{"name":"unit","passed":3,"failed":0,"skipped":0}'

describe('hipaa-ci store, and evidence audit, extend and hold', function () {
  this.timeout(60_000)
  let s3: S3Server
  let workspace: Workspace
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  beforeEach(async () => {
    workspace = await createWorkspace(s3.env)
    await workspace.write('hipaa-ci.yaml', 'version: 1\nsystem: patient-api # ours\n')
  })
  afterEach(() => workspace.remove())
  const config = () => readFileSync(join(workspace.folder, 'hipaa-ci.yaml'), 'utf8')

  it('takes a bucket into the configuration, keeps a record in it, audits it, and finds what its owner hid', async () => {
    const {name, address} = await s3.makeBucket()
    const init = await workspace.cli(['store', 'init', address, '--write'])
    assert.equal(init.exitCode, 0, init.stderr)
    assert.equal(config(), `version: 1\nsystem: patient-api # ours\nstore: ${JSON.stringify(address)}\n`)
    assert.equal((await workspace.cli(['emit', 'test', '--file', '-'], {stdin: UNIT})).exitCode, 0)
    const audit = await workspace.cli(['evidence', 'audit'])
    assert.equal(audit.exitCode, 0, audit.stdout + audit.stderr)
    assert.match(audit.stdout, /^✔ the evidence is locked\n[^]*recorded as [0-9A-Z]{26}\n$/)
    const extended = await workspace.cli(['evidence', 'extend', '--dry-run'])
    assert.deepEqual([extended.exitCode, /no lock ends too early/.test(extended.stdout)], [0, true])

    const {records} = (await workspace.cli(['evidence', 'ls', '--stream', 'test', '--json'])).json as {records: {id: string; key: string}[]}
    const [{id, key} = {id: '', key: ''}] = records
    const hold = ['evidence', 'hold', 'add', id, '--reason', 'litigation', '--ticket', 'LEGAL-17']
    assert.match((await workspace.cli(hold)).stdout, /is held: 1 object\n {2}recorded as/)
    assert.match((await workspace.cli(hold)).stdout, /already; nothing was written/)
    assert.match((await workspace.cli(['evidence', 'hold', 'ls'])).stdout, new RegExp(`${id} +litigation +LEGAL-17`))
    assert.equal((await workspace.cli(['evidence', 'hold', 'remove', id, '--reason', 'settled'])).exitCode, 0)
    assert.match((await workspace.cli(['evidence', 'hold', 'ls'])).stdout, /no record is under a hold/)

    await s3.client().send(new DeleteObjectCommand({Bucket: name, Key: `evidence/${key}`}))
    const hidden = await workspace.cli(['evidence', 'audit', '--no-record', '--json'])
    assert.deepEqual([hidden.exitCode, (hidden.json as {counts: unknown}).counts], [5, [{code: 'record.hidden', count: 1}]])
  })

  it('refuses a bucket that keeps nothing, with what makes it right, and leaves the configuration alone', async () => {
    const {address} = await s3.makeBucket({objectLock: false})
    const {exitCode, stdout} = await workspace.cli(['store', 'init', address, '--write'])
    assert.equal(exitCode, 1)
    assert.match(stdout, /store\.unfit[^]*versioning is off[^]*Object Lock is off[^]*object_lock_enabled = true/)
    assert.doesNotMatch(config(), /store:/)
  })

  it('prints policies as they are applied: on standard output nothing else', async () => {
    const store = ['--store', 's3://acme-evidence/prod?region=eu-central-1']
    const bucket = await workspace.cli(['store', 'policy', '--format', 'bucket', ...store])
    assert.ok((JSON.parse(bucket.stdout) as PolicyDocument).Statement.length > 10)
    assert.match(bucket.stderr, /break-glass/)
    const role = await workspace.cli(['store', 'policy', '--role', 'sealer', ...store])
    assert.ok((JSON.parse(role.stdout) as PolicyDocument).Statement.every(({Effect}) => Effect === 'Allow'))
  })

  it('locks and holds nothing in a folder, and says so', async () => {
    assert.equal((await workspace.cli(['store', 'init', 'folder:evidence', '--write'])).exitCode, 0)
    assert.match(config(), /store: "?folder:evidence"?\n/)
    assert.equal((await workspace.cli(['emit', 'test', '--file', '-'], {stdin: UNIT})).exitCode, 0)
    for (const command of [['audit'], ['extend'], ['hold', 'add', '01JXS8000000000000000000QE', '--reason', 'litigation']]) {
      const {exitCode, stderr} = await workspace.cli(['evidence', ...command])
      assert.equal(exitCode, 2, command.join(' '))
      assert.match(stderr, /is a folder/)
    }
    const twice = await workspace.cli(['store', 'init', 'folder:a', '--store', 'folder:b'])
    assert.deepEqual([twice.exitCode, /named twice/.test(twice.stderr)], [2, true])
  })
})

/** From a record to a proof that somebody else verifies, in a folder with nothing but the proof and the key. */
import assert from 'node:assert/strict'
import {existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import type {EmitResult} from '../../src/lib/actions/evidence/emit-evidence.ts'
import type {ExportResult} from '../../src/lib/actions/ledger/export-log.ts'
import type {ProveResult} from '../../src/lib/actions/ledger/prove-record.ts'
import type {VerifyProofResult} from '../../src/lib/actions/ledger/verify-proof.ts'
import {openFolderStore} from '../../src/lib/stores/folder.ts'
import {destinations, logConnections} from '../connection-log.ts'
import {BIN, createWorkspace, type CliResult, type Workspace} from './workspace.ts'
import {testCheckpointKey} from '../fakes/checkpoint-keys.ts'
import {sealStore} from '../fakes/sealed-store.ts'

const KEY = testCheckpointKey()
const UNIT = '{"name":"unit","passed":3,"failed":0,"skipped":0}'

describe('hipaa-ci evidence prove, verify-proof and export', function () {
  this.timeout(120_000)
  let workspace: Workspace
  let elsewhere: string
  let id: string

  before(async () => {
    workspace = await createWorkspace()
    elsewhere = mkdtempSync(join(tmpdir(), 'hipaa-ci-elsewhere-'))
    const {origin, verifier} = {origin: KEY.verifier.name, verifier: KEY.verifier.text}
    await workspace.write('hipaa-ci.yaml', `version: 1\nsystem: patient-api\nsealing: {origin: ${origin}, keys: ["${verifier}"]}\n`)
    const {json, exitCode, stderr} = await workspace.cli(['emit', 'test', '-', '--json'], {stdin: `${UNIT}\n${UNIT}\n${UNIT}\n`})
    assert.equal(exitCode, 0, stderr)
    id = (json as EmitResult).records[1]?.id ?? assert.fail()
    await sealStore(openFolderStore(join(workspace.folder, '.hipaa-ci', 'evidence')))
  })
  after(async () => {
    await workspace.remove()
    rmSync(elsewhere, {recursive: true, force: true})
  })

  /** Without the project, its home and its configuration. */
  const verify = async (...args: string[]) =>
    logConnections([process.execPath, BIN, 'evidence', 'verify-proof', ...args], {
      cwd: elsewhere,
      env: {PATH: process.env['PATH'] ?? '', HOME: join(elsewhere, 'home'), NO_COLOR: '1'},
    })

  it('makes a proof that holds where there is nothing but the proof and the key', async () => {
    const proof = await workspace.cli(['evidence', 'prove', id])
    assert.equal(proof.exitCode, 0, proof.stderr)
    writeFileSync(join(elsewhere, 'record.tlog-proof'), proof.stdout)
    writeFileSync(join(elsewhere, 'log.pub'), `${KEY.verifier.text}\n`)
    for (const key of ['log.pub', KEY.verifier.text]) {
      const {exitCode, stdout, stderr, connections} = await verify('record.tlog-proof', '--key', key)
      assert.deepEqual([exitCode, destinations(connections)], [0, []], stderr)
      assert.match(stdout, /^✔ record\.tlog-proof: the record is in the log\n/)
      assert.ok(stdout.includes(id))
    }
    assert.deepEqual(readdirSync(elsewhere).toSorted(), ['log.pub', 'record.tlog-proof'])
  })

  it('reads no configuration, whatever lies there', async () => {
    writeFileSync(join(elsewhere, 'hipaa-ci.yaml'), 'not: [a configuration')
    assert.equal((await verify('record.tlog-proof', '--key', 'log.pub')).exitCode, 0)
    rmSync(join(elsewhere, 'hipaa-ci.yaml'))
  })

  it('judges several, and says of each why it does not hold', async () => {
    const good = readFileSync(join(elsewhere, 'record.tlog-proof'), 'utf8')
    writeFileSync(join(elsewhere, 'moved.tlog-proof'), good.replace('\nindex 1\n', '\nindex 0\n'))
    writeFileSync(join(elsewhere, 'none.tlog-proof'), 'x')
    const codes = ['record', 'moved', 'none'].map(async (name) => (await verify(`${name}.tlog-proof`, '--key', 'log.pub')).exitCode)
    assert.deepEqual(await Promise.all(codes), [0, 1, 5])
    const {stdout, exitCode} = await verify('record.tlog-proof', 'moved.tlog-proof', 'none.tlog-proof', '--key', 'log.pub', '--json')
    const {proofs} = JSON.parse(stdout) as VerifyProofResult
    assert.deepEqual(
      proofs.map((proof) => (proof.verdict === 'verified' ? proof.record.id : proof.reason)),
      [id, 'proof.invalid', 'proof.unreadable'],
    )
    assert.equal(exitCode, 1)
    assert.equal((await verify('record.tlog-proof', '--key', testCheckpointKey('another').verifier.text)).exitCode, 1)
  })

  it('takes nothing mistyped, empty or absent for a pass', async () => {
    const wrong = [
      ['record.tlog-proof'],
      ['--key', 'log.pub'],
      ['record.tlog-proof', '--key', ''],
      ['', '--key', 'log.pub'],
      ['record.tlog-proof', '--keys', 'log.pub'],
      ['absent.tlog-proof', '--key', 'log.pub'],
      ['record.tlog-proof', 'absent.tlog-proof', '--key', 'log.pub'],
      ['record.tlog-proof', '--key', 'absent.pub'],
      ['record.tlog-proof', '--key', 'log.pub', '--origin', ''],
    ]
    const codes = await Promise.all(wrong.map(async (args) => (await verify(...args)).exitCode))
    assert.deepEqual(
      codes,
      wrong.map(() => 2),
    )
  })

  it('writes a proof into a folder, and over nothing', async () => {
    const prove = async () => workspace.cli(['evidence', 'prove', id, '--out', 'proofs/', '--json'])
    const first = (await prove()).json as ProveResult & {file: string}
    assert.equal(first.file, `proofs/${id}.tlog-proof`)
    const path = join(workspace.folder, first.file)
    assert.equal(readFileSync(path, 'utf8'), first.proof)
    assert.equal((await prove()).exitCode, 0)
    writeFileSync(path, 'mine')
    const refused = await prove()
    assert.deepEqual([refused.exitCode, readFileSync(path, 'utf8')], [2, 'mine'])
    assert.equal((await workspace.cli(['evidence', 'prove', id, '--out', 'proofs'])).exitCode, 2)
  })

  it('says that a record is not sealed yet: exit 6', async () => {
    const {json} = await workspace.cli(['emit', 'test', '-', '--json'], {stdin: UNIT})
    const late = (json as EmitResult).records[0]?.id ?? ''
    const answer = await workspace.cli(['evidence', 'prove', late, '--json'])
    assert.deepEqual([answer.exitCode, codeOf(answer)], [6, 'record.not-sealed'])
    const {exitCode, stdout} = await workspace.cli(['evidence', 'prove', late])
    assert.deepEqual([exitCode, stdout], [6, ''])
  })

  it('exports the log, and exports it again', async () => {
    const {json, exitCode} = await workspace.cli(['evidence', 'export', '--out', 'log', '--json'])
    const {size, written, out} = json as ExportResult
    assert.deepEqual([exitCode, size, written, out], [0, 3, 2, join(workspace.folder, 'log')])
    assert.ok(['checkpoint', 'tile/0/000.p/3', 'tile/entries/000.p/3'].every((path) => existsSync(join(out, path))))
    const again = await workspace.cli(['evidence', 'export', '--out', 'log'])
    assert.deepEqual([again.exitCode, /0 files written beside the checkpoint, 2 were there/.test(again.stdout)], [0, true])
    const foreign = await workspace.cli(['evidence', 'export', '--out', 'other', '--key', testCheckpointKey('another').verifier.text])
    assert.deepEqual([foreign.exitCode, existsSync(join(workspace.folder, 'other'))], [5, false])
  })
})

function codeOf({json}: CliResult): unknown {
  return (json as {error: {code: string}}).error.code
}

/** `hipaa-ci evidence verify` as it is installed: from a key to a verdict, and from an attack to an exit code. */
import assert from 'node:assert/strict'
import {chmodSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {EmitResult} from '../../src/lib/actions/evidence/emit-evidence.ts'
import type {VerifyEvidenceResult} from '../../src/lib/actions/evidence/verify-result.ts'
import {createWorkspace, type Workspace} from './workspace.ts'

const UNIT = '{"name":"unit","passed":3,"failed":0,"skipped":0}\n'
const ENV = {HIPAA_CI_SEALING_PASSWORD: 'synthetic'}
const CONFIG = `version: 1
system: patient-api
sealing: {key: "file:checkpoint.key", origin: log.example/evidence}
writers:
  ci: {principals: ["arn:aws:sts::*:assumed-role/ci/*"], streams: [test]}
`

describe('hipaa-ci evidence verify', function () {
  this.timeout(120_000)
  let workspace: Workspace
  let keys: string[] = []
  const at = (...names: string[]) => join(workspace.folder, ...names)

  beforeEach(async () => {
    workspace = await createWorkspace()
    const made = await workspace.cli(['keys', 'generate', 'checkpoint', '--for', 'sealing', '--origin', 'log.example/evidence'], {env: ENV})
    assert.equal(made.exitCode, 0, made.stderr)
    await workspace.write('hipaa-ci.yaml', CONFIG)
    keys = []
    for (const count of [2, 1]) {
      const {json, exitCode, stderr} = await workspace.cli(['emit', 'test', '-', '--json'], {stdin: UNIT.repeat(count)})
      assert.equal(exitCode, 0, stderr)
      keys.push(...(json as EmitResult).records.map(({id}) => id))
      const sealed = await workspace.cli(['evidence', 'seal'], {env: ENV})
      assert.equal(sealed.exitCode, 0, sealed.stderr)
    }
    cpSync(at('.hipaa-ci', 'evidence', 'log', 'checkpoint', '000000000001'), at('kept'))
  })
  afterEach(() => workspace.remove())

  const verify = async (...args: string[]) => {
    const {exitCode, json, stderr} = await workspace.cli(['evidence', 'verify', '--json', ...args])
    const result = json as VerifyEvidenceResult
    return {...result, exitCode, codes: result.findings?.map(({code}) => code), stderr}
  }

  it('finds nothing in what is whole, with what was kept and without the project', async () => {
    for (const args of [[], ['--full'], ['--since-checkpoint', 'kept', '--anchor', 'kept'], ['--key', 'checkpoint.pub']]) {
      const {exitCode, codes, log, stderr} = await verify(...args)
      assert.deepEqual([exitCode, codes, log?.size, log?.checkpoint?.n], [0, [], 3, 2], stderr)
    }
    const {stdout} = await workspace.cli(['evidence', 'verify'])
    assert.match(
      stdout,
      /^✔ .*\n.*3 records of \d runs?, 0 blobs\n {2}sealed as log\.example\/evidence: 3 in 2 seals, .*, checkpoint 2\n {2}root [0-9a-f]{64}\n/,
    )
    cpSync(at('.hipaa-ci', 'evidence'), at('copy'), {recursive: true})
    const {exitCode, notes, codes} = await verify('--store', 'folder:copy')
    assert.deepEqual([exitCode, codes], [0, []])
    assert.match(notes.join(), /this is a copy/)
  })

  it('names a log that was cut off, by what was kept alone', async () => {
    cpSync(at('.hipaa-ci', 'evidence', 'log', 'checkpoint', '000000000002'), at('newest'))
    for (const name of ['checkpoint/000000000002', 'seal/000000000002.json.gz']) rmSync(at('.hipaa-ci', 'evidence', 'log', name))
    assert.deepEqual((await verify('--since-checkpoint', 'kept')).codes, [])
    const {exitCode, codes} = await verify('--since-checkpoint', 'newest')
    assert.deepEqual([exitCode, codes], [5, ['log.truncated']])
  })

  it('names a changed byte, and a key that did not sign', async () => {
    const {stdout} = await workspace.cli(['evidence', 'show', keys[0] ?? ''])
    const key = /records\/v1\/\S+/.exec(stdout)?.[0] ?? assert.fail(stdout)
    const path = at('.hipaa-ci', 'evidence', key)
    const bytes = readFileSync(path)
    bytes[30] = (bytes[30] ?? 0) ^ 1
    chmodSync(path, 0o644)
    writeFileSync(path, bytes)
    const {exitCode, findings} = await verify()
    assert.deepEqual([exitCode, findings.map(({code, key: about}) => [code, about])], [5, [['record.altered', key]]])
    const other = 'log.example/evidence+9068ecc6+AdFfVdo1sYKmyYd/RUKXKlTbqhR8MOsIQfONZqQhw5QD'
    assert.deepEqual(
      (await verify('--key', other)).codes?.filter((code) => code.startsWith('checkpoint.')),
      ['checkpoint.wrong-key', 'checkpoint.wrong-key'],
    )
  })

  it('reads a folder of events, and refuses what is none', async () => {
    const {stdout} = await workspace.cli(['evidence', 'ls', '--json'])
    const wrote = [...stdout.matchAll(/records\/v1\/[^"]+/g)].map(([key], index) => ({
      eventName: 'PutObject',
      userIdentity: {arn: `arn:aws:sts::123456789012:assumed-role/${index === 0 ? 'eve' : 'ci'}/job`},
      requestParameters: {bucketName: 'evidence', key: `prod/${key}`},
    }))
    assert.equal(wrote.length, 3)
    mkdirSync(at('trail', '2026'), {recursive: true})
    writeFileSync(at('trail', 'a.json'), JSON.stringify({Records: wrote.slice(0, 2)}))
    writeFileSync(at('trail', '2026', 'b.json'), JSON.stringify({Records: wrote.slice(2)}))
    const {exitCode, codes} = await verify('--writers', 'trail')
    assert.deepEqual([exitCode, codes], [5, ['writer.not-allowed']])
    assert.deepEqual((await verify('--writers', 'trail/2026/b.json')).codes, ['writer.unknown', 'writer.unknown'])
    for (const [name, text] of [
      ['empty', ''],
      ['other', '{"a":1}'],
    ] as const) {
      writeFileSync(at(name), text)
      assert.equal((await verify('--writers', name)).exitCode, 2)
    }
    assert.equal((await verify('--writers', 'none')).exitCode, 2)
    assert.equal((await verify('--since-checkpoint', 'none')).exitCode, 2)
  })
})

/** The built program during an outage of its store: what waits, what is refused, what is delivered. */
import assert from 'node:assert/strict'
import {chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {openSpool} from '../../src/lib/stores/spool.ts'
import {allOf} from '../all-of.ts'
import {createWorkspace, type CliResult, type Workspace} from './workspace.ts'

interface Failure {
  readonly error: {readonly code: string; readonly message: string; readonly suggestions: readonly string[]}
}

interface Flushed {
  readonly records: number
  readonly blobs: number
  readonly deliveries: readonly string[]
  readonly refused: readonly {readonly code: string; readonly key: string}[]
  readonly fault?: {readonly code: string}
}

describe('hipaa-ci with a spool', function () {
  this.timeout(120_000)
  let workspace: Workspace
  const spool = () => join(workspace.folder, 'spool')
  const run = () => ({HIPAA_CI_RUN: join(workspace.folder, 'run.json')})

  beforeEach(async () => {
    workspace = await createWorkspace()
    mkdirSync(join(workspace.folder, 'disk'))
    writeFileSync(join(workspace.folder, 'nothing'), '')
    mount('disk')
    await workspace.write('hipaa-ci.yaml', 'version: 1\nsystem: patient-api\nstore: folder:mount/evidence\nspool: spool\n')
    await workspace.write('t.json', '{"name":"unit","passed":1,"failed":0,"skipped":0}')
    await workspace.write('log.txt', 'all went well')
  })
  afterEach(async () => workspace.remove())

  /** What the disk of the store is: in one step, as a mount that goes away. */
  const mount = (to: 'disk' | 'nothing') => {
    symlinkSync(to, join(workspace.folder, 'next'))
    renameSync(join(workspace.folder, 'next'), join(workspace.folder, 'mount'))
  }
  const emit = async (...more: string[]) => workspace.cli(['emit', 'test', 't.json', '--blob', 'log.txt=log.txt', '--json', ...more], {env: run()})
  const flush = async (...more: string[]) => workspace.cli(['emit', '--flush', '--json', ...more])
  const waiting = async () => allOf((await openSpool(spool(), 's3://bucket/evidence')).list(''))
  const flushed = ({json}: CliResult) => json as Flushed
  const failure = ({json}: CliResult) => (json as Failure).error
  const verify = async () => workspace.cli(['evidence', 'verify', '--blobs', '--json'])

  it('spools in an outage, says so once, refuses what must not go first, delivers, and ends the run', async () => {
    assert.equal((await workspace.cli(['run', 'start', '--expect', 'test', '--file', 'run.json'])).exitCode, 0)
    mount('nothing')
    const first = await emit()
    assert.equal(first.exitCode, 0, first.stderr)
    assert.match(
      first.stderr,
      /out of reach \(cannot write .*\); 1 object waits in .*spool, and what comes now waits behind it; deliver it: hipaa-ci emit --flush/,
    )
    assert.equal(first.stderr.match(/emit --flush/g)?.length, 1)
    assert.equal((first.json as {waitsIn?: string}).waitsIn, spool())
    mount('disk')
    assert.match((await emit()).stderr, /evidence waits for folder:.*; 2 objects wait in /)
    assert.equal((await waiting()).length, 3)

    const image = `registry.example/team/app@sha256:${'a'.repeat(64)}`
    for (const args of [
      ['run', 'end'],
      ['sign', image],
      ['promote', image, '--to', 'production'],
    ]) {
      const refused = await workspace.cli([...args, '--json'], {env: run()})
      assert.deepEqual(
        [refused.exitCode, failure(refused).code, failure(refused).suggestions],
        [4, 'spool.not-empty', [`hipaa-ci emit --flush --spool '${spool()}'`]],
      )
    }

    const delivered = await flush()
    assert.deepEqual([delivered.exitCode, flushed(delivered).records, flushed(delivered).blobs, flushed(delivered).deliveries.length], [0, 2, 1, 1])
    assert.deepEqual([(await flush()).exitCode, await waiting()], [0, []])
    const end = await workspace.cli(['run', 'end', '--json'], {env: run()})
    assert.equal(end.exitCode, 0, end.stderr)
    const verdict = await verify()
    assert.equal(verdict.exitCode, 0, verdict.stdout)
    const listed = await workspace.cli(['evidence', 'ls', '--stream', 'delivery', '--json'])
    assert.ok(listed.stdout.includes(flushed(delivered).deliveries[0] ?? 'none'), listed.stdout)
  })

  it('fails without one, and writes nothing', async () => {
    await workspace.write('hipaa-ci.yaml', 'version: 1\nsystem: patient-api\nstore: folder:mount/evidence\n')
    mount('nothing')
    const result = await workspace.cli(['emit', 'test', 't.json', '--json'])
    assert.deepEqual([result.exitCode, failure(result).code], [4, 'store.unreachable'])
    const none = await flush()
    assert.deepEqual([none.exitCode, failure(none).code], [2, 'usage.flag'])
    assert.deepEqual(await waiting(), [])
  })

  it('takes it by flag and by variable, the flag first', async () => {
    mount('nothing')
    const result = await workspace.cli(['emit', 'test', 't.json', '--spool', 'by-flag'], {env: {HIPAA_CI_SPOOL: 'by-variable'}})
    assert.match(result.stderr, /waits? in .*by-flag/)
    assert.match((await workspace.cli(['emit', 'test', 't.json'], {env: {HIPAA_CI_SPOOL: 'by-variable'}})).stderr, /waits? in .*by-variable/)
    mount('disk')
    for (const name of ['by-flag', 'by-variable']) assert.equal(flushed(await flush('--spool', name)).records, 1)
    const empty = await workspace.cli(['emit', 'test', 't.json', '--spool', '', '--json'])
    assert.deepEqual([empty.exitCode, failure(empty).code], [2, 'usage.empty'])
  })

  it('refuses a spool in the store, and a store in the spool, before anything is written', async () => {
    for (const name of ['mount/evidence/spool', 'mount', 'disk/evidence']) {
      const result = await workspace.cli(['emit', 'test', 't.json', '--spool', name, '--json'])
      assert.deepEqual([result.exitCode, failure(result).code], [2, 'spool.unusable'], name)
    }
    await workspace.cli(['emit', 'test', 't.json', '--spool', 'elsewhere'])
    const store = await workspace.cli(['emit', '--flush', '--store', 'folder:other', '--spool', 'mount/evidence', '--json'])
    assert.deepEqual([store.exitCode, failure(store).code], [2, 'spool.unusable'], 'an evidence store is no spool, and is not emptied')
    assert.equal((await verify()).exitCode, 0)
  })

  it('names what is damaged in it, delivers the rest, and goes on being refused', async () => {
    mount('nothing')
    await emitPlain()
    await emitPlain()
    mount('disk')
    const [damaged = ''] = await waiting()
    chmodSync(join(spool(), damaged), 0o600)
    writeFileSync(join(spool(), damaged), 'tampered')
    const shown = await workspace.cli(['emit', '--flush'])
    assert.deepEqual([shown.exitCode, shown.stdout.includes(damaged), /record\.altered/.test(shown.stdout)], [5, true, true], shown.stdout)
    const again = await flush()
    assert.deepEqual([again.exitCode, flushed(again).records, flushed(again).refused.map(({code}) => code)], [5, 0, ['record.altered']])
    rmSync(join(spool(), damaged))
    assert.equal((await flush()).exitCode, 0)
  })
  const emitPlain = async () => workspace.cli(['emit', 'test', 't.json'])

  it('cannot flush into an outage, and says what waits on', async () => {
    mount('nothing')
    await emitPlain()
    const shown = await workspace.cli(['emit', '--flush'])
    assert.equal(shown.exitCode, 4)
    assert.match(shown.stdout, /store\.unreachable/)
    assert.match(shown.stdout, /the rest waits: run the same command again/)
    assert.equal((await waiting()).length, 1)
  })

  it('takes nothing else with --flush, and wants a stream without it', async () => {
    for (const args of [['emit', 'test', '--flush'], ['emit', '--flush', '--outcome', 'pass'], ['emit', '--flush', '--no-record'], ['emit']]) {
      const result = await workspace.cli([...args, '--json'])
      assert.deepEqual([result.exitCode, failure(result).code], [2, 'usage.flag'], args.join(' '))
    }
  })
})

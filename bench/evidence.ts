/**
 * What sealing and verifying cost: `node bench/evidence.ts [records…]`, default 10,000 and 100,000 in a folder, and
 * 10,000 in a bucket of a real S3 server on loopback.
 *
 * Makes a store of invented runs of a hundred records, seals all of it, then a hundred records more, and verifies. Each
 * step is a process of its own. It judges nothing but its own set-up: a test with a clock fails on a busy machine.
 */
import {spawnSync} from 'node:child_process'
import {mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {availableParallelism, loadavg, tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {newestCheckpoint} from '../src/lib/actions/ledger/newest-checkpoint.ts'
import {parseStoreAddress} from '../src/lib/evidence/store-address.ts'
import type {EvidenceStore} from '../src/lib/ports/evidence-store.ts'
import {openFolderStore} from '../src/lib/stores/folder.ts'
import {openBucket} from '../src/lib/stores/s3/open-bucket.ts'
import {ORIGIN, testCheckpointKey} from '../test/fakes/checkpoint-keys.ts'
import {EvidenceWriter, SYSTEM} from '../test/fakes/evidence-writer.ts'
import {startS3} from '../test/s3.ts'
import {StepTaken} from './step-taken.ts'
import {keepResult} from './results.ts'

const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [10_000, 100_000]
const IN_A_BUCKET = Math.min(10_000, ...SIZES)
const RUN_LENGTH = 100
const MORE = 100
const AT_ONCE = 32
const STEP = join(import.meta.dirname, 'evidence-step.ts')
const key = testCheckpointKey()

interface Row {
  readonly what: string
  readonly records: number
  readonly steps: readonly (readonly [string, StepTaken])[]
}

const scratch = await mkdtemp(join(tmpdir(), 'hipaa-ci-bench-'))
try {
  const rows: Row[] = []
  for (const records of SIZES) rows.push(await inFolder(records))
  rows.push(await inBucket(IN_A_BUCKET))
  const text = page(rows)
  process.stdout.write(text)
  keepResult(text)
} finally {
  await rm(scratch, {recursive: true, force: true})
}

async function inFolder(records: number): Promise<Row> {
  const home = join(scratch, `folder-${records}`)
  const evidence = join(home, 'evidence')
  await writeProject(home, `folder:${evidence}`)
  return measure('a folder', records, home, plainFolder(evidence), {})
}

async function inBucket(records: number): Promise<Row> {
  const server = await startS3()
  try {
    const {address} = await server.makeBucket()
    Object.assign(process.env, server.env)
    const place = parseStoreAddress(address)
    if (place.kind !== 's3') throw new Error(`${address} is no bucket`)
    const {store} = await openBucket(place)
    const home = join(scratch, 'bucket')
    await writeProject(home, address)
    return await measure('a bucket', records, home, many(store), server.env)
  } finally {
    await server.stop()
  }
}

async function measure(what: string, records: number, home: string, store: Store, env: Readonly<Record<string, string>>): Promise<Row> {
  const writer = new EvidenceWriter(store)
  await writeRuns(writer, records)
  await store.settled()
  const sealed = step(['seal'], home, env)
  const kept = join(home, 'kept.checkpoint')
  await writeFile(kept, await newestNote(store))
  await writeRuns(writer, MORE)
  await store.settled()
  const steps: (readonly [string, StepTaken])[] = [
    ['seal all of it', sealed],
    [`seal ${MORE} more`, step(['seal'], home, env)],
    ['verify', step(['verify'], home, env)],
    ['verify since a checkpoint', step(['verify', '--since-checkpoint', kept], home, env)],
  ]
  if (what === 'a bucket') steps.push(['verify, everything read again', step(['verify', '--full'], home, env)])
  return {what, records, steps}
}

/** A project that seals the store at `address`. */
async function writeProject(home: string, address: string): Promise<void> {
  await mkdir(home, {recursive: true})
  await writeFile(join(home, 'checkpoint.key'), key.pem, {mode: 0o600})
  const sealing = {key: 'file:checkpoint.key', origin: ORIGIN, keys: [key.verifier.text]}
  await writeFile(join(home, 'hipaa-ci.yaml'), JSON.stringify({version: 1, system: SYSTEM, store: address, sealing}))
}

/** So many records in runs that begin and end, now. */
async function writeRuns(writer: EvidenceWriter, records: number): Promise<void> {
  for (let from = 0; from < records; from += RUN_LENGTH) {
    const place = writer.run()
    const at = () => ({run: place, at: new Date().toISOString()})
    await writer.write('run', {phase: 'start', expected: ['test']}, at())
    for (let index = 2; index < RUN_LENGTH; index += 1) await writer.write('test', {name: 'unit', passed: from + index, failed: 0, skipped: 0}, at())
    const jobs = [{job: place.job, count: place.seq, last: place.last ?? ''}]
    await writer.write('run', {phase: 'end', expected: ['test'], jobs, missing: []}, at())
  }
}

interface Store extends Pick<EvidenceStore, 'put' | 'get' | 'list'> {
  settled(): Promise<void>
}

/** Without the store's care for power cuts. */
function plainFolder(evidence: string): Store {
  const real = openFolderStore(evidence)
  return {
    async put(path, bytes) {
      const file = join(evidence, path)
      await mkdir(dirname(file), {recursive: true})
      await writeFile(file, bytes)
      return 'written'
    },
    get: async (path) => real.get(path),
    list: (prefix) => real.list(prefix),
    settled: async () => undefined,
  }
}

/** Many puts at a time: what is measured is what comes after them. */
function many(store: EvidenceStore): Store {
  const waiting = new Set<Promise<unknown>>()
  return {
    async put(path, bytes) {
      const done = store.put(path, bytes).finally(() => waiting.delete(done))
      waiting.add(done)
      if (waiting.size >= AT_ONCE) await Promise.race(waiting)
      return 'written'
    },
    get: async (path) => store.get(path),
    list: (prefix) => store.list(prefix),
    settled: async () => void (await Promise.all(waiting)),
  }
}

async function newestNote(store: Store): Promise<Uint8Array> {
  const {note} = (await newestCheckpoint(store)) ?? {}
  if (note === undefined) throw new Error('nothing was sealed')
  return note
}

function step(argv: readonly string[], home: string, env: Readonly<Record<string, string>>): StepTaken {
  const {stdout, stderr, status} = spawnSync(process.execPath, [STEP, ...argv], {cwd: home, encoding: 'utf8', env: {...process.env, ...env}})
  if (status !== 0) throw new Error(`${argv.join(' ')} ended with ${String(status)}: ${stderr}`)
  const taken = StepTaken.parse(JSON.parse(stdout))
  if (taken.exitCode !== 0) throw new Error(`${argv.join(' ')} found something: exit ${taken.exitCode}`)
  return taken
}

function page(rows: readonly Row[]): string {
  const lines = rows.flatMap(({what, records, steps}) =>
    steps.map(
      ([name, {ms, peak, size}]) =>
        `| ${what}, ${records.toLocaleString('en')} | ${name} | ${(ms / 1000).toFixed(2)} | ${Math.round(size / (ms / 1000))} | ${peak.toFixed(0)} |`,
    ),
  )
  return `# Sealing and verifying

Written by \`npm run bench\`, on ${process.platform} ${process.arch}, ${availableParallelism()} processors, Node ${process.versions.node}, at a
load of ${(loadavg()[0] ?? 0).toFixed(1)}. Invented runs of ${RUN_LENGTH} records; the bucket is a real S3 server on loopback. Each step is a process of its own,
whose start is not counted. Records a second are those of the whole log, not only of what is new.

| store, records | step | s | records a second | peak memory, MiB |
|---|---|---|---|---|
${lines.join('\n')}
`
}

/**
 * What writing costs when many write at once: `node bench/load.ts [jobs] [records each]`, default 50 and 200, in a folder
 * and in a bucket of a real S3 server on loopback; one record at a time, and ten. Each job is a process of its own, whose
 * start is not counted: all begin together. `test/e2e/load.test.ts` says that nothing is lost meanwhile.
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdtemp, rm} from 'node:fs/promises'
import {availableParallelism, loadavg, tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {createInterface} from 'node:readline'
import {startRun} from '../src/lib/actions/evidence/start-run.ts'
import {createRecorder} from '../src/lib/actions/evidence/record-evidence.ts'
import type {RunPosition} from '../src/lib/ports/evidence-store.ts'
import {implicitRun} from '../src/lib/stores/implicit-run.ts'
import {recorderParts} from '../test/fakes/recorder-parts.ts'
import {runContext} from '../test/fakes/run-context.ts'
import {storeOf} from '../test/fakes/store-of.ts'
import type {EmitterRequest} from '../test/programs/emitter.ts'
import {startS3} from '../test/s3.ts'
import {keepResult} from './results.ts'

const [JOBS = 50, RECORDS_EACH = 200] = process.argv.slice(2).map(Number)
const TOGETHER = [1, 10]
const EMITTER = join(import.meta.dirname, '..', 'test', 'programs', 'emitter.ts')

interface Row {
  readonly store: string
  readonly atOnce: number
  /** From the common beginning to the last acknowledgement. */
  readonly ms: number
  /** What each batch waited, milliseconds, ascending. */
  readonly waits: readonly number[]
}

/** Before the jobs make one of their own. */
const [load] = loadavg()
const scratch = await mkdtemp(join(tmpdir(), 'hipaa-ci-bench-'))
try {
  const rows: Row[] = []
  for (const atOnce of TOGETHER) rows.push(await inFolder(atOnce))
  for (const atOnce of TOGETHER) rows.push(await inBucket(atOnce))
  const text = page(rows)
  process.stdout.write(text)
  keepResult(text)
} finally {
  await rm(scratch, {recursive: true, force: true})
}

async function inFolder(atOnce: number): Promise<Row> {
  const home = join(scratch, `folder-${atOnce}`)
  return measure('a folder', `folder:${join(home, 'evidence')}`, {home, atOnce, env: {}})
}

async function inBucket(atOnce: number): Promise<Row> {
  const server = await startS3()
  try {
    const {address} = await server.makeBucket()
    Object.assign(process.env, server.env)
    return await measure('a bucket', address, {home: join(scratch, `bucket-${atOnce}`), atOnce, env: server.env})
  } finally {
    await server.stop()
  }
}

interface Given {
  readonly home: string
  readonly atOnce: number
  readonly env: Readonly<Record<string, string>>
}

async function measure(what: string, address: string, {home, atOnce, env}: Given): Promise<Row> {
  const jobs = (await runFiles(address, home)).map((run) => job({store: address, run, count: RECORDS_EACH, atOnce, seed: run, measured: true}, env))
  await Promise.all(jobs.map(async ({ready}) => ready))
  const began = performance.now()
  const waits = await Promise.all(jobs.map(async ({write}) => write()))
  return {store: what, atOnce, ms: performance.now() - began, waits: waits.flat().toSorted((a, b) => a - b)}
}

/** One file for each job of one run. */
async function runFiles(address: string, home: string): Promise<string[]> {
  const store = await storeOf({store: address})
  const {now, newId} = recorderParts()
  const position = implicitRun(newId(), 'main')
  const recorder = async (given: RunPosition = position) => createRecorder({...recorderParts({store}), position: given})
  const jobs = Array.from({length: JOBS}, (_, index) => `job-${index}`)
  const context = runContext({folder: home, store, parts: {now, newId, recorder}})
  const {files} = await startRun({expected: ['test'], jobs, file: join(home, 'run.json')}, context)
  return files.map(({path}) => path)
}

/** @returns `ready` once it waits; `write` lets it begin and gives what each batch waited */
function job(request: EmitterRequest, env: Given['env']): {readonly ready: Promise<unknown>; readonly write: () => Promise<number[]>} {
  const child = spawn(process.execPath, [EMITTER, JSON.stringify(request)], {stdio: ['pipe', 'pipe', 'inherit'], env: {...process.env, ...env}})
  const exit = once(child, 'close')
  const lines: string[] = []
  const input = createInterface({input: child.stdout})
  input.on('line', (line) => lines.push(line))
  return {
    ready: Promise.race([once(input, 'line'), exit]),
    async write() {
      child.stdin.end()
      await exit
      const waits = lines.slice(1).map((line) => Number(line.split(' ')[3]))
      if (child.exitCode !== 0 || waits.length !== request.count)
        throw new Error(`a job ended with ${child.exitCode}, ${waits.length} of ${request.count} records were acknowledged`)
      return waits
    },
  }
}

function page(rows: readonly Row[]): string {
  const machine = `${process.platform} ${process.arch}, ${availableParallelism()} processors, Node ${process.versions.node}`
  return [
    '# Writing',
    '',
    `Written by \`npm run bench\`: ${JOBS} processes of ${RECORDS_EACH} records each, every record with a blob of its own, on ${machine}, begun`,
    `at a load of ${load?.toFixed(1)}. The bucket is a real S3 server on loopback, on the same processors. A wait is from the call to the acknowledgement.`,
    '',
    '| store | records at a time | records a second | p50, ms | p99, ms |',
    '|---|---|---|---|---|',
    ...rows.map(
      ({store, atOnce, ms, waits}) => `| ${store} | ${atOnce} | ${Math.round((waits.length * 1000) / ms)} | ${at(waits, 0.5)} | ${at(waits, 0.99)} |`,
    ),
    '',
  ].join('\n')
}

function at(ascending: readonly number[], share: number): string {
  return ascending[Math.min(ascending.length - 1, Math.ceil(share * ascending.length) - 1)]?.toFixed(0) ?? ''
}

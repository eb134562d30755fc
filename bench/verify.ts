/**
 * What a verdict costs: `npm run bench`.
 *
 * One image with signature, SBOM, provenance, vulnerabilities and gate, in a
 * real registry on loopback. Three questions: the whole process beside five
 * Cosign processes that check the same five; the verdict in process beside the
 * bare fetches of the same bytes; and, with 50 ms put before every answer, how
 * many round trips follow one another. It judges nothing but its own set-up: a
 * test with a clock fails on a busy machine.
 */
import {spawnSync} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {createServer, request as forward, type Server} from 'node:http'
import {availableParallelism, loadavg, tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {serviceImage} from '../scripts/image/service.ts'
import {verifyImage} from '../src/lib/actions/verify/verify-image.ts'
import {createContext} from '../src/lib/cli/context.ts'
import {PROVENANCE_TYPE, SPDX_TYPE, TEST_RESULT_TYPE, VULNS_TYPE} from '../src/lib/evidence/statement.ts'
import type {Context} from '../src/lib/ports/context.ts'
import {openRegistry} from '../src/lib/registry/open-registry.ts'
import {cosignProgram} from '../test/cosign.ts'
import {run} from '../src/lib/process.ts'
import {createScene, type Scene} from '../test/lie-matrix/scene.ts'
import {startRegistry} from '../test/registry.ts'
import {NOW} from '../test/fakes/verdict-context.ts'
import {keepResult} from './results.ts'
import {longestChain, type Span} from './round-trips.ts'

const ROUNDS = 15
const DELAY = 50
const RUN = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const COSIGN = await cosignProgram()
const COSIGN_CALLS = [['verify'], ...[SPDX_TYPE, PROVENANCE_TYPE, VULNS_TYPE, TEST_RESULT_TYPE].map((type) => ['verify-attestation', '--type', type])]
/** The statements are of NOW. */
const AS_OF = NOW.toISOString()

const Part = z.looseObject({digest: z.string()})
/** A manifest or a list of them, as far as it is followed. */
const Parts = z.looseObject({manifests: z.array(Part).optional(), layers: z.array(Part).optional(), config: Part.optional()})

const folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-bench-'))
const registry = await startRegistry()
try {
  process.chdir(folder)
  const part = await measure()
  keepResult(part)
  process.stdout.write(part)
} finally {
  await registry.stop()
  process.chdir(tmpdir())
  await rm(folder, {recursive: true, force: true})
}

async function measure(): Promise<string> {
  const repository = `${registry.host}/bench/app`
  const scene = await createScene(openRegistry(repository), repository, serviceImage())
  await scene.honest()
  await layPolicy(scene)
  const image = `${repository}@${scene.digest}`

  const whole = await pairs(
    () => spawned(process.execPath, [RUN, 'verify', image, '--as-of', AS_OF, '--no-record']),
    () => COSIGN_CALLS.forEach((call) => spawned(COSIGN, [...call, '--key', 'trusted.pub', '--insecure-ignore-tlog', image])),
  )
  const context = {...(await createContext({'no-record': true}, {version: '0.0.0'})), progress: {step: () => undefined, note: () => undefined}}
  const inside = await pairs(
    () => inProcess(image, context),
    () => bareFetches(`http://${registry.host}/v2/bench/app`, scene.digest),
  )
  const waits = await roundTrips()
  return render(whole, inside, waits)
}

async function layPolicy({trusted, repository}: Scene): Promise<void> {
  await writeFile('trusted.pub', trusted.pem)
  await writeFile(
    'hipaa-ci.yaml',
    `version: 1
system: bench
environments:
  bench:
    repository: ${repository}
    requires:
      signature: {keys: [{spki: "sha256:${trusted.spki}", file: trusted.pub}]}
      sbom: {}
      provenance: {}
      scan: {max-age: 7d}
      gate: {max: {critical: 0, high: 0}}
`,
  )
}

function spawned(program: string, argv: readonly string[]): void {
  const {status, stderr, stdout} = spawnSync(program, argv, {encoding: 'utf8'})
  if (status !== 0) throw new Error(`${program} ${argv.join(' ')} ended with ${status}: ${stdout}${stderr}`)
}

/** As a process does it that judges many images: the configuration has been read, nothing else is kept. */
async function inProcess(image: string, context: Context): Promise<void> {
  const {exitCode, checks} = await verifyImage({image, asOf: NOW}, context)
  if (exitCode !== 0) throw new Error(JSON.stringify(checks))
}

/** The same bytes, asked for in the same order and as much at once, and thrown away. */
async function bareFetches(base: string, digest: string): Promise<void> {
  const read = async (path: string) => Buffer.from(await (await fetch(`${base}/${path}`)).arrayBuffer())
  const json = async (path: string) => Parts.parse(JSON.parse((await read(path)).toString('utf8')))
  const [manifest, list] = await Promise.all([json(`manifests/${digest}`), json(`referrers/${digest}`)])
  const [, ...attached] = await Promise.all([
    read(`blobs/${manifest.config?.digest ?? ''}`),
    ...(list.manifests ?? []).map(async (each) => json(`manifests/${each.digest}`)),
  ])
  await Promise.all(attached.flatMap((each) => ('layers' in each ? (each.layers ?? []) : []).map(async (layer) => read(`blobs/${layer.digest}`))))
}

interface Waits {
  readonly requests: number
  /** Longest chain of requests in which each began after the one before had ended. */
  readonly chain: number
  readonly ms: number
}

/** Cold, in a process of its own, against a registry that answers everything late. */
async function roundTrips(): Promise<Waits> {
  const spans: Span[] = []
  let delay = 0
  const slow = createServer((asked, answer) => {
    const span = {began: performance.now(), ended: 0}
    setTimeout(() => {
      const headers = {...asked.headers, host: registry.host}
      const onward = forward(`http://${registry.host}${asked.url ?? ''}`, {method: asked.method, headers}, (reply) => {
        answer.writeHead(reply.statusCode ?? 500, reply.headers)
        reply.pipe(answer)
        answer.once('finish', () => spans.push({...span, ended: performance.now()}))
      })
      asked.pipe(onward)
    }, delay)
  })
  const repository = `127.0.0.1:${await listen(slow)}/bench/slow`
  try {
    const scene = await createScene(openRegistry(repository), repository, serviceImage())
    await scene.honest()
    await layPolicy(scene)
    delay = DELAY
    spans.length = 0
    const began = performance.now()
    const ended = await run([process.execPath, RUN, 'verify', `${repository}@${scene.digest}`, '--as-of', AS_OF, '--no-record'])
    if (ended.kind !== 'exited' || ended.exitCode !== 0) throw new Error(JSON.stringify(ended))
    return {requests: spans.length, chain: longestChain(spans), ms: performance.now() - began}
  } finally {
    slow.closeAllConnections()
    slow.close()
  }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Milliseconds of two things that take turns, so that a busy moment meets both; the first round fills caches. */
async function pairs(ours: () => void | Promise<void>, theirs: () => void | Promise<void>): Promise<readonly [number[], number[]]> {
  const found: [number[], number[]] = [[], []]
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [at, work] of [ours, theirs].entries()) {
      const began = performance.now()
      // oxlint-disable-next-line no-await-in-loop -- they take turns
      await work()
      if (round > 0) found[at]?.push(performance.now() - began)
    }
  }
  return found
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

function render([ours, cosign]: readonly [number[], number[]], [judged, fetched]: readonly [number[], number[]], {requests, chain, ms}: Waits): string {
  return `# A verdict

Written by \`npm run bench\`: medians of ${ROUNDS} runs that take turns, on ${process.platform} ${process.arch}, ${availableParallelism()} processors, Node ${process.versions.node}, at a
load of ${(loadavg()[0] ?? Number.NaN).toFixed(1)}. An image with signature, SBOM, provenance, vulnerabilities and gate, in a registry on loopback.

| | ours, ms | beside, ms | ratio | goal |
|---|---|---|---|---|
${row('`hipaa-ci verify`, the whole process, beside five Cosign processes', ours, cosign, 0.6)}
${row('the verdict in process, beside the bare fetches of the same bytes', judged, fetched, 1.3)}

With ${DELAY} ms before every answer, a cold process: ${requests} requests, of which at most ${chain} follow one another (goal: at most 4), ${ms.toFixed(0)} ms in all.
`
}

function row(what: string, ours: readonly number[], beside: readonly number[], goal: number): string {
  const ratio = middle(ours) / middle(beside)
  return `| ${[what, middle(ours).toFixed(1), middle(beside).toFixed(1), ratio.toFixed(2), `at most ${goal}: ${ratio <= goal ? 'within' : 'above'}`].join(' | ')} |`
}

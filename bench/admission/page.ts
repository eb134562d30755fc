/** The part of `bench/RESULTS.md` about admission: what was found beside what it should be. */
import {availableParallelism} from 'node:os'
import process from 'node:process'
import {percentile} from './latencies.ts'
import {STEADY, type Storm} from './through-api-server.ts'

export interface Found {
  /** Before the bench made one of its own, and at its end. */
  readonly load: readonly [number, number]
  /** Milliseconds, as all waits. */
  readonly delay: number
  readonly ready: readonly number[]
  readonly cold: {readonly waits: readonly number[]; readonly requests: number; readonly chain: number}
  readonly cached: {readonly waits: readonly number[]; readonly perSecond: number}
  readonly sustained: {readonly waits: readonly number[]; readonly ms: number; readonly cpu: number}
  /** MiB. */
  readonly memory: {readonly ready: number; readonly now: number; readonly most: number; readonly digests: number; readonly ms: number}
  readonly append: {readonly alone: readonly number[]; readonly together: readonly number[]}
  /** Objects a second. */
  readonly shipping: {readonly folder: number; readonly bucket: number}
  readonly storms: readonly [minimal: Storm, ours: Storm]
}

const P99 = {cached: 10, cold: 1_000}
const MEMORY = 300
const PODS = 40
const RATIO = 1.3

export function pageOf(found: Found): string {
  const {load, delay, ready, cold, cached, sustained, memory, append, shipping, storms} = found
  const machine = `${process.platform} ${process.arch}, ${availableParallelism()} processors, Node ${process.versions.node}`
  const [minimal, ours] = storms
  const ratio = (of: 'waits' | 'steady') => percentile(ours[of], 0.99) / percentile(minimal[of], 0.99)
  const rows: readonly (readonly string[])[] = [
    [
      `an image judged before, ${cached.perSecond} a second`,
      waits(cached.waits),
      `p99 at most ${P99.cached} ms: ${reached(percentile(cached.waits, 0.99) <= P99.cached)}`,
    ],
    [
      `an image never seen, 4 at a time, ${delay} ms before each answer of the registry: ${cold.requests} requests, of which at most ${cold.chain} follow one another`,
      waits(cold.waits),
      `p99 at most ${P99.cold} ms: ${reached(percentile(cold.waits, 0.99) <= P99.cold)}`,
    ],
    [
      `as many as it can, 16 at a time, of an image judged before`,
      `${Math.round((sustained.waits.length * 60_000) / sustained.ms)} pods a minute, ${waits(sustained.waits)}, ${(sustained.cpu / sustained.waits.length).toFixed(2)} ms of processor time each`,
      '',
    ],
    [
      `memory after ${memory.digests} more images, each its own digest, judged in ${(memory.ms / 1000).toFixed(0)} s`,
      `${memory.now.toFixed(0)} MiB, at most ${memory.most.toFixed(0)} before; ${memory.ready.toFixed(0)} when it began to listen`,
      `at most ${MEMORY} MiB: ${reached(memory.most <= MEMORY)}`,
    ],
    ['from the start of the process to ready', `${percentile(ready, 0.5).toFixed(0)} ms, median of ${ready.length}`, ''],
    ['a record into the write-ahead log, one at a time', waits(append.alone), ''],
    ['a record into the write-ahead log, 16 at a time', waits(append.together), ''],
    ['out of the log into a folder', `${shipping.folder.toFixed(0)} records a second`, ''],
    ['out of the log into a bucket', `${shipping.bucket.toFixed(0)} records a second`, ''],
  ]
  return `# Admission

Written by \`node bench/admission.ts\` on ${machine}, begun at a load of ${load[0].toFixed(1)}, ended at ${load[1].toFixed(1)}.
The built \`admission serve\`, asked over mTLS as Gatekeeper asks, with connections that stay; policy: one signature; log and store in folders on one disk.
The registry is a real one behind a program that answers late. All of it shares the same processors.

| | found | goal |
|---|---|---|
${rows.map(row).join('\n')}

Through a real API server and Gatekeeper (\`--max-serving-threads=64\`), ${ours.waits.length} pods each of an image judged before, in rounds that
take turns with a provider of forty lines that looks into a list (\`bench/minimal-provider.ts\`):

| | pods a second | p50, ms | p99, ms | goal |
|---|---|---|---|---|
${row([`minimal provider, ${STEADY} a second`, String(STEADY), ms(minimal.steady, 0.5), ms(minimal.steady, 0.99), ''])}
${row([
  `\`admission serve\`, ${STEADY} a second`,
  String(STEADY),
  ms(ours.steady, 0.5),
  ms(ours.steady, 0.99),
  `p99 ${ratio('steady').toFixed(2)} times, at most ${RATIO}: ${reached(ratio('steady') <= RATIO)}`,
])}
${row(['minimal provider, as many as it can, 16 at a time', minimal.perSecond.toFixed(0), ms(minimal.waits, 0.5), ms(minimal.waits, 0.99), ''])}
${row([
  '`admission serve`, as many as it can, 16 at a time',
  ours.perSecond.toFixed(0),
  ms(ours.waits, 0.5),
  ms(ours.waits, 0.99),
  `at least ${PODS} a second: ${reached(ours.perSecond >= PODS)}; p99 ${ratio('waits').toFixed(2)} times`,
])}
`
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

function waits(values: readonly number[]): string {
  return `p50 ${ms(values, 0.5)}, p99 ${ms(values, 0.99)} ms`
}

function ms(values: readonly number[], share: number): string {
  return percentile(values, share).toFixed(1)
}

function reached(isReached: boolean): string {
  return isReached ? 'reached' : 'missed'
}

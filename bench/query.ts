/**
 * How long "where is log4j-core 2.14.1" takes on many SBOMs: `node bench/query.ts [SBOMs] [packages each]`.
 *
 * Makes a store of invented SBOMs, indexes it, asks, and prints what it took.
 * It judges nothing: a test with a clock fails on a busy machine. The goal is
 * well under a second for 2,000 SBOMs, a floor is `grep` over the same files.
 */
import {spawnSync} from 'node:child_process'
import {mkdir, mkdtemp, readdir, rm, stat, writeFile} from 'node:fs/promises'
import {availableParallelism, tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {answerQuery} from '../src/lib/actions/query/answer-query.ts'
import type {EvidenceStore} from '../src/lib/ports/evidence-store.ts'
import {openFolderStore} from '../src/lib/stores/folder.ts'
import {EvidenceWriter, image} from '../test/fakes/evidence-writer.ts'
import {queryContext} from '../test/fakes/query-context.ts'
import type {Component} from '../test/fakes/spdx-document.ts'

const SBOMS = Number(process.argv[2] ?? 2000)
const PACKAGES = Number(process.argv[3] ?? 374)
/** Different packages in the whole store. */
const NAMES = 20_000
const ROUNDS = 11

const folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-bench-'))
try {
  process.stdout.write(await measure())
} finally {
  await rm(folder, {recursive: true, force: true})
}

async function measure(): Promise<string> {
  const evidence = join(folder, 'evidence')
  await fill(evidence)
  const index = join(folder, 'index')
  const build = await timed(() => ask(evidence, index, 'log4j-core@2.14.1'))
  const peak = process.resourceUsage().maxRSS / 1024
  const again: number[] = []
  for (let round = 0; round < ROUNDS; round += 1) again.push((await timed(() => ask(evidence, index, 'log4j-core@2.14.1'))).ms)
  const grep = await timed(async () => spawnSync('grep', ['-rlF', '"versionInfo":"2.14.1"', join(evidence, 'blobs')]))
  const rows = SBOMS * PACKAGES
  return `# A component in many SBOMs

${SBOMS} SBOMs, ${rows} components, on ${process.platform} ${process.arch}, ${availableParallelism()} processors, Node ${process.versions.node}. The answer had ${build.value} rows.

| | |
|---|---|
| index from nothing, with the first answer | ${(build.ms / 1000).toFixed(1)} s, ${Math.round(SBOMS / (build.ms / 1000))} SBOMs a second |
| largest memory of the process | ${peak.toFixed(0)} MB |
| the index on disk | ${((await sizeOf(index)) / 1e6).toFixed(1)} MB, the SBOMs ${((await sizeOf(join(evidence, 'blobs'))) / 1e6).toFixed(0)} MB |
| the question, engine started and store listed each time | ${middle(again).toFixed(0)} ms (fastest ${Math.min(...again).toFixed(0)} ms) |
| \`grep\` over the same SBOMs, for the version alone | ${grep.ms.toFixed(0)} ms |
`
}

async function ask(evidence: string, index: string, component: string): Promise<number> {
  const {context} = await queryContext(openFolderStore(evidence), {noRecord: true, folder: index})
  return (await answerQuery({name: 'component', component, fresh: false}, context)).answer.ipe.rows
}

/** Made-up evidence, written without the store's care for power cuts. */
async function fill(evidence: string): Promise<void> {
  const store: Pick<EvidenceStore, 'put'> = {
    async put(key, bytes) {
      const path = join(evidence, key)
      await mkdir(dirname(path), {recursive: true})
      await writeFile(path, bytes)
      return 'written'
    },
  }
  const writer = new EvidenceWriter(store)
  for (let number = 0; number < SBOMS; number += 1) {
    const subject = image(`bench ${number}`)
    await writer.sbom(subject, components(number))
    if (number % 20 === 0) await writer.deployment(subject, {workload: `service-${number}`})
  }
}

function components(sbom: number): Component[] {
  return Array.from({length: PACKAGES}, (_, position) => {
    // A spread that is the same each time, with some packages in nearly every image.
    const number = position % 4 === 0 ? position : (sbom * 7919 + position * 104_729) % NAMES
    if (number === 1) return maven('log4j-core', sbom % 10 === 0 ? '2.14.1' : '2.17.1')
    return maven(`invented-package-${number}`, `${1 + (sbom % 5)}.${number % 30}.${position % 10}`)
  }).concat(sbom % 100 === 0 ? [maven('log4j-core', '2.14.1')] : [])
}

function maven(name: string, version: string): Component {
  return {name, version, purl: `pkg:maven/com.example/${name}@${version}`, license: 'Apache-2.0'}
}

async function timed<T>(work: () => Promise<T>): Promise<{value: T; ms: number}> {
  const began = performance.now()
  const value = await work()
  return {value, ms: performance.now() - began}
}

async function sizeOf(path: string): Promise<number> {
  const entries = await readdir(path, {recursive: true, withFileTypes: true})
  const sizes = await Promise.all(entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size))
  return sizes.reduce((sum, size) => sum + size, 0)
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

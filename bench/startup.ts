/**
 * How long the command line takes to start, beside bare Node on the same machine: `npm run bench`.
 *
 * Prints medians and ratios, and writes them to `bench/RESULTS.md`. It judges
 * nothing: a test with a clock fails on a busy machine. The goal is at most
 * 2.5 times bare Node plus 60 ms.
 */
import {spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {availableParallelism, loadavg, tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {keepResult} from './results.ts'

const ROUNDS = 21
const RUN = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const CASES: readonly (readonly [string, readonly string[]])[] = [
  ['`node -e 0`', ['-e', '0']],
  ['`hipaa-ci --version`', [RUN, '--version']],
  ['`hipaa-ci --help`', [RUN, '--help']],
  ['`hipaa-ci verify --help`', [RUN, 'verify', '--help']],
  ['`hipaa-ci evidence ls`, empty store', [RUN, 'evidence', 'ls', '--store', 'folder:evidence']],
]

const cwd = mkdtempSync(join(tmpdir(), 'hipaa-ci-bench-'))
mkdirSync(join(cwd, 'evidence'))
const times = measure()
rmSync(cwd, {recursive: true, force: true})
const page = render()
keepResult(page)
process.stdout.write(page)

/** Sorted milliseconds by case. The cases take turns, so that a busy moment meets all of them. */
function measure(): number[][] {
  const found: number[][] = CASES.map(() => [])
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [at, [name, argv]] of CASES.entries()) {
      const began = performance.now()
      const {status, stderr} = spawnSync(process.execPath, argv, {cwd, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe']})
      if (status !== 0) throw new Error(`${name} ended with ${status}: ${stderr}`)
      // The first round fills caches.
      if (round > 0) found[at]?.push(performance.now() - began)
    }
  }
  return found.map((values) => values.toSorted((a, b) => a - b))
}

function render(): string {
  const middle = (at: number): number => times[at]?.[Math.floor(ROUNDS / 2)] ?? Number.NaN
  const goal = 2.5 * middle(0) + 60
  const rows = CASES.map(([name], at) => {
    const figures = [middle(at).toFixed(0), (times[at]?.[0] ?? Number.NaN).toFixed(0), (middle(at) / middle(0)).toFixed(1)]
    return `| ${[name, ...figures, at === 0 ? '' : middle(at) <= goal ? 'within' : 'above'].join(' | ')} |`
  })
  return `# Start-up

Written by \`npm run bench\`: ${ROUNDS} runs each, on ${process.platform} ${process.arch}, ${availableParallelism()} processors, Node ${process.versions.node}, at a
load of ${(loadavg()[0] ?? Number.NaN).toFixed(1)}. Goal: a median of at most 2.5 times bare Node plus 60 ms, here ${goal.toFixed(0)} ms.

| | median, ms | fastest, ms | times bare Node | goal |
|---|---|---|---|---|
${rows.join('\n')}
`
}

/**
 * `npm test`: builds, runs mocha under c8, judges coverage, and ends with `N passed, N failed` alone on the last line.
 *
 * Exit 0 only where mocha reported at least one test and no failure, ended by
 * itself, and coverage is met (`test-verdict.ts`).
 *
 *   node scripts/test.ts            everything, with coverage
 *   node scripts/test.ts --fast     without the heavy tiers and without coverage
 *   node scripts/test.ts FILE…      these files, without coverage
 *
 * Files run beside each other, one a core; the long ones begin first, so that none is left to run alone at the end.
 */
import {spawnSync} from 'node:child_process'
import {existsSync, globSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {createRequire, stripTypeScriptTypes} from 'node:module'
import {availableParallelism, tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {setImmediate as nextTurn} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {TestReport} from '../test/reporter.ts'
import {byFolder, parseLcov, ranges, type FileCoverage} from './coverage.ts'
import {HEAVY_TESTS} from './heavy-tests.ts'
import {testVerdict} from './test-verdict.ts'
import {isTypeOnly} from './type-only.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
/** Each may start servers and tools of its own: more of them want more memory than a CI machine has. */
const MOST_JOBS = 4

const Package = z.looseObject({bin: z.union([z.string(), z.record(z.string(), z.string())])})

const fast = process.argv.includes('--fast')
const specs = process.argv.slice(2).filter((argument) => argument !== '--fast')
const measured = !fast && specs.length === 0
const scratch = mkdtempSync(join(tmpdir(), 'hipaa-ci-test-'))
const reportFile = join(scratch, 'report.json')

const built = node([join('scripts', 'build.ts')])
const ended = built && node([...(measured ? [packaged('c8', 'c8')] : []), ...mocha()])
const report = readReport()
rmSync(scratch, {recursive: true, force: true})
// After a failure the figures would only repeat it.
const covered = measured && report?.failed === 0 ? judgeCoverage() : undefined

const {exitCode, lines} = testVerdict({built, ended, report, covered})
process.exitCode = exitCode
// What Node itself remarks about experimental parts comes a turn later: the figures are to be last.
await nextTurn()
for (const line of lines) say(line)

function mocha(): string[] {
  return [
    packaged('mocha', 'mocha'),
    '--parallel',
    '--jobs',
    String(Math.min(MOST_JOBS, availableParallelism())),
    '--reporter',
    'test/reporter.ts',
    '--reporter-option',
    `report=${reportFile}`,
    ...(specs.length > 0 ? specs : testFiles()),
  ]
}

/** The heavy ones first. */
function testFiles(): string[] {
  const all = globSync('test/**/*.test.ts', {cwd: root}).toSorted()
  const heavy = all.filter((file) => HEAVY_TESTS.some((path) => (path.endsWith('/') ? file.startsWith(path) : file === path)))
  return [...(fast ? [] : heavy), ...all.filter((file) => !heavy.includes(file))]
}

/** The script behind a package's command. */
function packaged(name: string, command: string): string {
  const file = createRequire(import.meta.url).resolve(`${name}/package.json`)
  const {bin} = Package.parse(JSON.parse(readFileSync(file, 'utf8')))
  return join(dirname(file), typeof bin === 'string' ? bin : (bin[command] ?? ''))
}

/** True where it ran and exited 0. */
function node(argv: string[]): boolean {
  const {status, signal, error} = spawnSync(process.execPath, argv, {cwd: root, stdio: ['ignore', 'inherit', 'inherit']})
  if (error !== undefined) say(`could not start ${argv[0]}: ${error.message}`)
  if (signal !== null) say(`${argv[0]} was ended by ${signal}`)
  return status === 0
}

/** Mocha's own counts; undefined where it left none that can be read. */
function readReport(): TestReport | undefined {
  if (!existsSync(reportFile)) return undefined
  return TestReport.safeParse(JSON.parse(readFileSync(reportFile, 'utf8'))).data
}

function judgeCoverage(): boolean {
  const files = readCoverage()
  say('line coverage')
  let met = true
  for (const row of byFolder(files)) {
    const percent = row.lines === 0 ? '-' : `${((row.covered * 100) / row.lines).toFixed(1)} %`
    const required = row.required === undefined ? '' : `required: ${row.required} %${row.met ? '' : '  NOT MET'}`
    say(`  ${percent.padStart(8)}  ${`${row.covered}/${row.lines}`.padStart(11)}  ${(row.folder === '.' ? 'all' : row.folder).padEnd(28)}${required}`.trimEnd())
    if (row.met) continue
    met = false
    for (const file of files.filter((each) => each.missed.length > 0 && (row.folder === '.' || each.file.startsWith(`${row.folder}/`)))) {
      say(`            ${file.file}: ${ranges(file.missed)}`)
    }
  }
  say('')
  return met
}

function readCoverage(): FileCoverage[] {
  return parseLcov(readFileSync(join(root, 'coverage', 'lcov.info'), 'utf8')).filter(
    ({file}) => !isTypeOnly(stripTypeScriptTypes(readFileSync(join(root, file), 'utf8'))),
  )
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}

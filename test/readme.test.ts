/** What the documentation tells people to type is there, and the blocks marked `sh run` really run. Needs a build. */
import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {delimiter, dirname, join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {readCommands} from '../scripts/manifest.ts'
import {assertNone} from './rules/assert-none.ts'
import {commandFault, commandLines} from './rules/command-line.ts'
import {shellBlocks, type ShellCommand} from './rules/shell-blocks.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const pages = readdirSync(root, {encoding: 'utf8'})
  .concat(readdirSync(join(root, 'docs'), {recursive: true, encoding: 'utf8'}).map((file) => join('docs', file)))
  .filter((file) => file.endsWith('.md'))
const text = (page: string): string => readFileSync(join(root, page), 'utf8')
const commands = readCommands()
const {scripts} = z.looseObject({scripts: z.record(z.string(), z.string())}).parse(JSON.parse(text('package.json')))

describe('the documentation', () => {
  it('shows only commands and flags that are there', () => {
    assertNone(
      pages.flatMap((page) =>
        shellBlocks(text(page))
          .flatMap((block) => commandLines(block.text))
          .flatMap((line) => commandFault(line, commands, true) ?? [])
          .map((fault) => `${page}: ${fault}`),
      ),
    )
  })

  it('mentions only commands and flags that are there', () => {
    assertNone(
      pages.flatMap((page) =>
        inlineCode(page)
          .filter((code) => code.startsWith('hipaa-ci '))
          .flatMap((line) => commandFault(line, commands, false) ?? [])
          .map((fault) => `${page}: ${fault}`),
      ),
    )
  })

  it('names only npm scripts that are there', () => {
    const typed = pages.map((page) => ({page, code: [...shellBlocks(text(page)).map((block) => block.text), ...inlineCode(page)].join('\n')}))
    const named = typed.flatMap(({page, code}) =>
      [...code.matchAll(/\bnpm (?:run (?:--silent )?)?([a-z][a-z:-]*)/g)].map(([, script = '']) => ({page, script})),
    )
    const npm = new Set(['ci', 'install', 'pack', 'publish', 'npm'])
    assertNone(named.filter(({script}) => scripts[script] === undefined && !npm.has(script)).map(({page, script}) => `${page}: npm run ${script}`))
  })

  it('links only to files that are there', () => {
    const links = pages.flatMap((page) => [...text(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)/g)].map(([, target = '']) => ({page, target})))
    assertNone(links.filter(({page, target}) => !existsSync(join(root, dirname(page), target))).map(({page, target}) => `${page}: ${target}`))
  })
})

function inlineCode(page: string): string[] {
  return [...text(page).matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)].map(([, code = '']) => code)
}

describe('the commands of the documentation', function () {
  this.timeout(300_000)
  const scratch = mkdtempSync(join(tmpdir(), 'hipaa-ci-readme-'))
  const bin = join(scratch, 'bin')

  before(() => {
    mkdirSync(bin)
    writeFileSync(join(bin, 'hipaa-ci'), `#!/bin/sh\nexec '${process.execPath}' '${join(root, 'bin', 'run.js')}' "$@"\n`)
    chmodSync(join(bin, 'hipaa-ci'), 0o755)
  })
  after(() => rmSync(scratch, {recursive: true, force: true}))

  it('are marked in README.md', () => {
    assert.ok(shellBlocks(text('README.md')).some(({run}) => run))
  })

  for (const page of pages) {
    const blocks = shellBlocks(text(page)).filter(({run}) => run)
    if (blocks.length === 0) continue
    it(`run in ${page}`, async () => {
      let folder = mkdtempSync(join(scratch, 'page-'))
      for (const block of blocks) {
        if (block.fresh) folder = mkdtempSync(join(scratch, 'page-'))
        folder = await runBlock(page, block.commands, folder)
      }
    })
  }

  /** @returns the folder in which the block ended */
  async function runBlock(page: string, lines: readonly ShellCommand[], folder: string): Promise<string> {
    const logs = mkdtempSync(join(scratch, 'log-'))
    const steps = lines.map(
      ({text: line, exit}, at) => `{ ${line}\n} > '${logs}/${at}' 2>&1\ncode=$?; [ $code = ${exit} ] || { echo "${at} $code" > '${logs}/failed'; exit 1; }`,
    )
    await shell([...steps, `pwd > '${logs}/folder'`].join('\n'), folder, bin)
    if (existsSync(join(logs, 'failed'))) {
      const [at = 0, code] = readFileSync(join(logs, 'failed'), 'utf8').trim().split(' ').map(Number)
      const failed = lines[at]
      assert.fail(`${page}:${failed?.line}: ${failed?.text}\nended with ${code}, not ${failed?.exit}\n${readFileSync(join(logs, String(at)), 'utf8')}`)
    }
    return readFileSync(join(logs, 'folder'), 'utf8').trim()
  }
})

async function shell(script: string, cwd: string, bin: string): Promise<void> {
  // Typed on a workstation, wherever the tests run: a CI job would not sign with a key file.
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith('HIPAA_CI_') && !['DEBUG', 'GITHUB_ACTIONS', 'GITLAB_CI'].includes(name))
  const env = {...Object.fromEntries(own), CI: 'false', PATH: `${bin}${delimiter}${process.env['PATH']}`, NO_COLOR: '1'}
  await new Promise<void>((resolve, reject) => {
    const child = spawn('bash', ['-c', script], {cwd, env, stdio: 'ignore'})
    child.once('error', reject)
    child.once('exit', () => resolve())
  })
}

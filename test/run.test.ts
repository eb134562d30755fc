/** The front door, `bin/run.js`: whatever happens, the exit code tells the truth. Needs a build. */
import assert from 'node:assert/strict'
import {spawn, spawnSync, type ChildProcess} from 'node:child_process'
import {generateKeyPairSync} from 'node:crypto'
import {once} from 'node:events'
import {mkdtempSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {createServer, type AddressInfo, type Server} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'

const RUN = fileURLToPath(new URL('../bin/run.js', import.meta.url))
const DIGEST = `sha256:${'0'.repeat(64)}`

describe('bin/run.js', function () {
  this.timeout(60_000)
  let cwd: string
  let silent: Server

  before(async () => {
    cwd = mkdtempSync(join(tmpdir(), 'hipaa-ci-run-'))
    const {publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
    writeFileSync(join(cwd, 'key.pub'), publicKey.export({type: 'spki', format: 'pem'}))
    // Takes connections and never answers: a command that talks to it waits.
    silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(silent, 'listening')
  })
  after(() => {
    silent.close()
    rmSync(cwd, {recursive: true, force: true})
  })

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    it(`ends with 130 and one sentence on ${signal}`, async () => {
      const child = await waiting()
      child.kill(signal)
      const {code, stderr} = await ended(child)
      assert.equal(code, 130)
      assert.match(stderr, /✖ interrupted; nothing half-written was left\n$/)
    })
  }

  it('ends with 70 on an error that nobody foresaw, without a stack', async () => {
    const child = await waiting('process.once("SIGUSR2", () => { throw new Error("late\\n    at nowhere") })')
    child.kill('SIGUSR2')
    const {code, stderr} = await ended(child)
    assert.equal(code, 70)
    assert.match(stderr, /✖ unexpected error: late\n  bug\n/)
    assert.doesNotMatch(stderr, /^\s+at /m)
  })

  it('ends with 70 on a promise that nobody waits for', async () => {
    const child = await waiting('process.once("SIGUSR2", () => { Promise.reject(new Error("lost")) })')
    child.kill('SIGUSR2')
    assert.equal((await ended(child)).code, 70)
  })

  it('ends with 70 where a command falls asleep, and not with the 0 of a process that has nothing left to do', () => {
    const preload =
      "import {registerHooks} from 'node:module'; registerHooks({load: (url, context, next) => (url.endsWith('/commands/verify.js') ? {format: 'module', shortCircuit: true, source: 'await new Promise(() => {})'} : next(url, context))})"
    const {status, stderr} = node(['--import', `data:text/javascript,${encodeURIComponent(preload)}`, RUN, 'verify', 'x'])
    assert.equal(status, 70)
    assert.match(stderr, /without an answer/)
  })

  it('keeps its exit code when nobody reads the answer', () => {
    const {status, stderr} = spawnSync('bash', ['-c', `"$0" "$1" --help | head -c 0; echo "\${PIPESTATUS[0]}" >&2`, process.execPath, RUN], {
      cwd,
      encoding: 'utf8',
    })
    assert.equal(status, 0)
    assert.equal(stderr, '0\n')
  })

  for (const line of ['query', 'query --json', 'evidence ls --json', 'init --help', '--help', '--version']) {
    it(`ends with 4 and says so where the answer of \`${line}\` cannot be written`, () => {
      const {status, stderr} = bash(`"$0" "$1" ${line} > /dev/full`)
      assert.equal(status, 4)
      assert.match(stderr, /✖ the answer could not be written to standard output: ENOSPC\n {2}output\.not-written\n {2}→ .*\n$/)
      assert.doesNotMatch(stderr, /^\s+at /m)
    })
  }

  it('notices where a disk takes only a part of the answer', () => {
    const {status, stderr} = bash('ulimit -f 1; "$0" "$1" scan --help > part')
    assert.equal(status, 4)
    assert.match(stderr, /standard output: EFBIG/)
    assert.equal(statSync(join(cwd, 'part')).size, 1024)
  })

  it('keeps its exit code where its talk cannot be written', () => {
    assert.equal(bash('"$0" "$1" verfy 2> /dev/full').status, 2)
  })

  it('says in one sentence that a Node is too old, and ends as for any tool of the wrong version', () => {
    const {status, stderr} = node(['--import', 'data:text/javascript,Object.defineProperty(process.versions,"node",{value:"20.1.0"})', RUN, '--version'])
    assert.equal(status, 3)
    assert.equal(stderr, '✖ hipaa-ci needs Node 24.15 or newer (22.22.2 and later of 22 will do); this is Node 20.1.0\n')
  })

  it('suggests what may have been meant, in text and as JSON', () => {
    const {status, stderr} = node([RUN, 'verfy', 'image'])
    assert.equal(status, 2)
    assert.match(stderr, /verify/)
    assert.doesNotMatch(stderr, /^\s+at /m)
    const json = node([RUN, 'verfy', 'image', '--json'])
    assert.equal(json.status, 2)
    assert.match(json.stdout, /"exitCode": 2/)
  })

  /** A command that waits for a registry, with `preload` evaluated first. */
  async function waiting(preload = ''): Promise<ChildProcess> {
    const {port} = silent.address() as AddressInfo
    const options = preload === '' ? [] : ['--import', `data:text/javascript,${encodeURIComponent(preload)}`]
    const argv = [...options, RUN, 'verify', `127.0.0.1:${port}/app@${DIGEST}`, '--key', 'key.pub', '--no-record']
    const child = spawn(process.execPath, argv, {cwd, stdio: ['ignore', 'ignore', 'pipe']})
    const early = ended(child).then(({code, stderr}) => assert.fail(`ended with ${code} before it was waiting: ${stderr}`))
    await Promise.race([once(silent, 'connection'), early])
    early.catch(() => undefined)
    return child
  }

  function bash(script: string): {status: number | null; stderr: string} {
    return spawnSync('bash', ['-c', script, process.execPath, RUN], {cwd, encoding: 'utf8', env: {...process.env, NODE_DISABLE_COMPILE_CACHE: '1'}})
  }

  function node(argv: readonly string[]): {status: number | null; stdout: string; stderr: string} {
    return spawnSync(process.execPath, argv, {cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe']})
  }
})

async function ended(child: ChildProcess): Promise<{code: number | null; stderr: string}> {
  const said: string[] = []
  child.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(text))
  await once(child, 'close')
  return {code: child.exitCode, stderr: said.join('')}
}

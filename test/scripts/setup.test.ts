import assert from 'node:assert/strict'
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync} from 'node:fs'
import {hostname, tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {setTimeout as sleep} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import toolchain from '../../src/lib/tools/toolchain.json' with {type: 'json'}
import {TOOL_PINS} from '../../src/lib/tools/versions.ts'
import {fakeTool} from '../fakes/fake-tool.ts'

const SETUP = fileURLToPath(new URL('../../scripts/setup.mjs', import.meta.url))

/** The real script with a stand-in for `go`: a shell script that answers as Go does, and "builds" by writing a program. */
describe('scripts/setup', () => {
  let root: string
  let bin: string
  let cache: string
  let running: ChildProcess[]
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'setup-test-'))
    bin = join(root, 'bin')
    cache = join(root, 'cache')
    running = []
    mkdirSync(bin)
  })
  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL')
    rmSync(root, {recursive: true, force: true})
  })

  /** @param body what `go build` does; `$out` is the file to write */
  function fakeGo(body = 'printf "#!/bin/sh\\n" > "$out"; chmod 755 "$out"', version = 'go1.26.5', modules = root) {
    program(
      'go',
      `if [ "$1" = env ]; then echo ${version}; echo ${modules}; exit 0; fi
if [ "$1" = list ]; then echo ${root}; exit 0; fi
if [ "$1" = version ]; then [ "$GOTOOLCHAIN" = go1.26.8 ] || exit 1; exit 0; fi
while [ $# -gt 0 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done
mkdir -p "$(dirname "$out")"
${body}`,
    )
  }

  function program(name: string, body: string) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(bin, name), 0o755)
  }

  function start(...argv: string[]): ChildProcess {
    const child = spawn(process.execPath, [SETUP, ...argv], {
      env: {PATH: `${bin}:/usr/bin:/bin`, HOME: root, HIPAA_CI_CACHE: cache},
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    running.push(child)
    return child
  }

  async function setup(...argv: string[]): Promise<{code: number | null; text: string}> {
    const child = start(...argv)
    let text = ''
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    const [code] = (await once(child, 'close')) as [number | null]
    return {code, text}
  }

  const builds = (tool: string) => (existsSync(join(cache, 'tools', tool)) ? readdirSync(join(cache, 'tools', tool)) : [])

  it('brings for the demo no more than it needs', async () => {
    const plan = await setup('--only', 'demo', '--plan')
    for (const tool of ['registry', 'advisory-db', 'semgrep', 'cosign', 'syft', 'trivy']) assert.match(plan.text, new RegExp(` ${tool} `))
    assert.doesNotMatch(plan.text, /kube-apiserver|gatekeeper|minio/)
  })

  it('says what it will do, does it, and then has nothing to do', async () => {
    fakeGo()
    const plan = await setup('--tools', 'advisory-db,registry', '--plan')
    assert.match(plan.text, /about 35 s in all[^]*build +registry 0\.21\.9 +about +30 s[^]*build +advisory-db/)
    assert.deepEqual(builds('registry'), [])

    const done = await setup('--tools', 'registry,advisory-db')
    assert.equal(done.code, 0, done.text)
    assert.match(done.text, /building registry 0\.21\.9: done after/)
    const [folder = ''] = builds('registry')
    assert.match(folder, /^0\.21\.9-[0-9a-f]{12}$/)
    assert.deepEqual(readdirSync(join(cache, 'tools', 'registry', folder)).toSorted(), ['bin', 'tool.json'])

    fakeGo('exit 1')
    assert.deepEqual(await setup('--tools', 'registry,advisory-db'), {code: 0, text: ''})
  })

  it('builds again what was changed or lost its program', async () => {
    fakeGo()
    await setup('--tools', 'registry')
    const folder = join(cache, 'tools', 'registry', builds('registry')[0] ?? '')
    writeFileSync(join(folder, 'bin', 'registry'), 'truncated or other')
    assert.match((await setup('--tools', 'registry', '--plan')).text, /build +registry/)
    rmSync(join(folder, 'bin', 'registry'))
    assert.match((await setup('--tools', 'registry', '--plan')).text, /build +registry/)
  })

  it('leaves nothing that looks finished when it is killed, and goes on with the tool that was open', async () => {
    fakeGo(`case "$out" in *advisory-db) echo $$ > ${root}/started; printf half > "$out"; exec sleep 60;; esac; printf x > "$out"`)
    const child = start('--tools', 'registry,advisory-db')
    const orphan = Number(await written(join(root, 'started')))
    child.kill('SIGKILL')
    await once(child, 'close')
    assert.equal(builds('registry').length, 1)
    assert.deepEqual(builds('advisory-db'), [])

    process.kill(orphan, 'SIGKILL')
    fakeGo()
    const again = await setup('--tools', 'registry,advisory-db')
    assert.equal(again.code, 0, again.text)
    assert.doesNotMatch(again.text, /building registry/)
    assert.equal(builds('advisory-db').length, 1)
    assert.equal(existsSync(join(cache, 'setup.lock')), false)
  })

  it('takes the build along when it is interrupted', async () => {
    fakeGo(`echo $$ > ${root}/started; exec sleep 60`)
    const child = start('--tools', 'registry')
    const pid = Number(await written(join(root, 'started')))
    child.kill('SIGINT')
    const [code] = (await once(child, 'close')) as [number]
    assert.equal(code, 130)
    assert.equal(existsSync(join(cache, 'setup.lock')), false)
    for (let tries = 0; isRunning(pid); tries += 1) {
      assert.ok(tries < 200, 'the build is still there')
      await sleep(20)
    }
  })

  it('names the tool that failed, why, and how to install it by hand', async () => {
    fakeGo('echo "linker: out of memory" >&2; exit 2')
    const {code, text} = await setup('--tools', 'cosign')
    assert.equal(code, 1)
    assert.match(text, /cosign 3\.1\.2 could not be had: go build[^\n]* ended with 2\n +linker: out of memory\n +by hand: go install github\.com\/sigstore/)
    assert.deepEqual(builds('cosign'), [])
  })

  it('does not trust a build that says another version', async () => {
    fakeGo('printf "#!/bin/sh\\necho GitVersion: v9.9.9\\n" > "$out"; chmod 755 "$out"')
    const {code, text} = await setup('--tools', 'cosign')
    assert.equal(code, 1)
    assert.match(text, /says its version is 9\.9\.9/)
    assert.deepEqual(builds('cosign'), [])
  })

  it('uses a good version on PATH, and builds past a bad one', async () => {
    fakeTool(bin, 'cosign', '3.1.9')
    assert.deepEqual(await setup('--tools', 'cosign'), {code: 0, text: ''})
    fakeTool(bin, 'cosign', '3.0.5')
    assert.match((await setup('--tools', 'cosign', '--plan')).text, /build +cosign 3\.1\.2/)
  })

  it('says how to get Go where there is none, and asks for the pinned one where it is another', async () => {
    assert.match((await setup('--tools', 'registry')).text, /no go on PATH: install Go 1\.26/)
    for (const version of ['go1.27.1', 'go1.25.4', 'go1.26.0']) {
      fakeGo(`[ "$GOTOOLCHAIN" = go1.26.8 ] || exit 7; printf x > "$out"`, version)
      rmSync(cache, {recursive: true})
      assert.equal((await setup('--tools', 'registry')).code, 0, version)
    }
    program('go', 'if [ "$1" = env ]; then echo go1.27.0; exit 0; fi; echo "download: no route" >&2; exit 1')
    rmSync(cache, {recursive: true})
    assert.match((await setup('--tools', 'registry')).text, /Go 1\.27\.0 is installed, >=1\.26\.3 <1\.27\.0 is needed[^]*no route/)
  })

  it('shields the build from variables that would bend it', async () => {
    fakeGo(`env > ${root}/env; printf x > "$out"`)
    const child = spawn(process.execPath, [SETUP, '--tools', 'registry'], {
      env: {PATH: `${bin}:/usr/bin:/bin`, HOME: root, HIPAA_CI_CACHE: cache, GOFLAGS: '-mod=mod', GOOS: 'plan9', GOWORK: '/x', CGO_ENABLED: '1', GOPROXY: 'p'},
      stdio: 'ignore',
    })
    await once(child, 'close')
    const env = readFileSync(join(root, 'env'), 'utf8').split('\n')
    for (const line of ['CGO_ENABLED=0', 'GOWORK=off', 'GOTOOLCHAIN=local', 'GOPROXY=p', `GOCACHE=${join(cache, 'go-build')}`])
      assert.ok(env.includes(line), line)
    assert.ok(env.some((line) => line.startsWith('GOFLAGS=-mod=readonly')))
    assert.ok(!env.some((line) => line.startsWith('GOOS=')))
  })

  it('keeps modules to itself where there is no module cache, and drops all but the programs when every tool is there', async () => {
    fakeGo(`echo "$GOMODCACHE $GOFLAGS" >> ${root}/modules; mkdir -p "$GOCACHE"; printf x > "$out"`, 'go1.26.5', join(root, 'absent'))
    await setup('--tools', 'registry')
    assert.match(readFileSync(join(root, 'modules'), 'utf8'), new RegExp(`^${join(cache, 'go-modules')} .* -modcacherw\n$`))
    assert.ok(existsSync(join(cache, 'go-build')))
    for (const name of ['cosign', 'syft', 'trivy', 'semgrep', 'kubectl'] as const) fakeTool(bin, name, TOOL_PINS[name].version)
    await setup('--tools', 'advisory-db')
    assert.ok(existsSync(join(cache, 'go-build')))
    // Beside its code a module may have files that are kept.
    mkdirSync(join(root, 'deploy'))
    writeFileSync(join(root, 'deploy', 'gatekeeper.yaml'), '')
    assert.equal((await setup('--tools', Object.keys(toolchain.tools).join(','))).code, 0)
    assert.deepEqual(readdirSync(cache).toSorted(), ['found.json', 'tools'])
  })

  it('passes over a Python that only says it is not installed, and says what it tried', async () => {
    for (const name of ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'])
      program(name, 'echo "pyenv: not installed" >&2; exit 127')
    program('python3.12', 'echo "found 3.9.1 /x"')
    const {code, text} = await setup('--tools', 'semgrep')
    assert.equal(code, 1)
    assert.match(text, /no Python in >=3\.10\.0 <4\.0\.0 with venv and pip \(python3\.13: pyenv: not installed; python3\.12: 3\.9\.1;/)
  })

  it('lets one set-up work at a time; the other finds it done', async () => {
    fakeGo(`echo x >> ${root}/count; sleep 1; printf x > "$out"`)
    const results = await Promise.all([setup('--tools', 'registry'), setup('--tools', 'registry'), setup('--tools', 'registry')])
    assert.deepEqual(
      results.map(({code}) => code),
      [0, 0, 0],
    )
    assert.equal(readFileSync(join(root, 'count'), 'utf8'), 'x\n')
    assert.ok(results.some(({text}) => text.includes('another set-up is running')))
  })

  it('takes over the lock of a dead or silent holder, and of a torn file in time', async () => {
    fakeGo()
    mkdirSync(cache)
    const dead = spawn(process.execPath, ['-e', '0'])
    await once(dead, 'close')
    const lock = join(cache, 'setup.lock')
    const old = new Date(Date.now() - 120_000)
    for (const [text, time] of [
      [JSON.stringify({pid: dead.pid, host: hostname()}), new Date()],
      [JSON.stringify({pid: process.pid, host: hostname()}), old],
      [JSON.stringify({pid: 1, host: 'another'}), old],
      ['{"pid', old],
    ] as const) {
      rmSync(join(cache, 'tools'), {recursive: true, force: true})
      writeFileSync(lock, text)
      utimesSync(lock, time, time)
      assert.equal((await setup('--tools', 'registry')).code, 0, text)
      assert.equal(existsSync(lock), false)
    }
  })

  it('refuses options that it does not know', async () => {
    for (const argv of [['--tool', 'registry'], ['--tools', 'nothing'], ['--tools'], ['--only', 'go']]) {
      const {code, text} = await setup(...argv)
      assert.equal(code, 1)
      assert.match(text, /^setup: (unknown option|--tools|--only)/)
    }
  })
})

async function written(path: string): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    assert.ok(tries < 400, `${path} was never written`)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    if (text !== '') return text
    await sleep(20)
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // Ended, but not yet waited for by anybody.
  return !existsSync(`/proc/${pid}/status`) || !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
}

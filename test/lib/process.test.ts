import assert from 'node:assert/strict'
import {chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {setTimeout as sleep} from 'node:timers/promises'
import {spawn} from 'node:child_process'
import fc from 'fast-check'
import {run} from '../../src/lib/process.ts'

const node = process.execPath
const script = (source: string, ...args: string[]) => [node, '-e', source, ...args] as const
const ECHO = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))'

describe('process', () => {
  let folder: string
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'process-test-'))))
  afterEach(() => rmSync(folder, {recursive: true, force: true}))

  it('hands arguments on as they are, whatever a shell would make of them', async () => {
    const hostile = [
      '',
      ' ',
      'a b',
      '"',
      "'",
      '\\',
      '\n',
      '\t',
      '$(touch pwned)',
      '`touch pwned`',
      '; touch pwned',
      '&& touch pwned',
      '| tee pwned',
      '> pwned',
      '*',
      '~',
      '$HOME',
      '%PATH%',
      '!x',
      '-rf',
      'é\u0301😀',
    ]
    const result = await run([...script(ECHO), '--', ...hostile], {cwd: folder})
    assert.ok(result.kind === 'exited')
    assert.deepEqual(JSON.parse(result.stdout), hostile)
    assert.equal(existsSync(join(folder, 'pwned')), false)
  })

  it('hands any text on unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.string({unit: 'grapheme'}).filter((text) => !text.includes('\0') && !text.startsWith('-')),
          {maxLength: 4},
        ),
        async (words) => {
          const result = await run([...script(ECHO), '--', ...words])
          assert.ok(result.kind === 'exited')
          assert.deepEqual(JSON.parse(result.stdout), words)
        },
      ),
      {numRuns: 10},
    )
  })

  it('refuses an argument with a NUL instead of cutting it', async () => {
    const result = await run([...script(ECHO), 'a\0b'])
    assert.equal(result.kind, 'spawn-failed')
  })

  it('gives the exit code and both streams', async () => {
    assert.deepEqual(await run(script('console.log("out"); console.error("err"); process.exitCode = 7')), {
      kind: 'exited',
      exitCode: 7,
      stdout: 'out\n',
      stderr: 'err\n',
    })
  })

  it('tells a kill from an exit', async () => {
    const result = await run(script('console.log("before"); process.kill(process.pid, "SIGKILL")'))
    assert.ok(result.kind === 'killed')
    assert.equal(result.signal, 'SIGKILL')
  })

  it('ends a program that takes too long, with what it started', async () => {
    const pidFile = join(folder, 'pid')
    const source = `
      process.on('SIGTERM', () => {})
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], {stdio: 'inherit'})
      require('node:fs').writeFileSync(process.argv[1], String(child.pid))
      setInterval(() => {}, 1000)`
    const controller = new AbortController()
    const running = run(script(source, pidFile), {signal: controller.signal})
    const grandchild = Number(await content(pidFile))
    controller.abort()
    assert.equal((await running).kind, 'aborted')
    await gone(grandchild)
  })

  it('tells a timeout from an exit', async () => {
    const result = await run(script('setInterval(() => {}, 1000)'), {timeout: 100})
    assert.equal(result.kind, 'timed-out')
  })

  it('does not wait for a program that left the group and kept the streams', async () => {
    const pidFile = join(folder, 'pid')
    const source = `
      const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], {stdio: 'inherit', detached: true})
      require('node:fs').writeFileSync(process.argv[1], String(child.pid))
      setInterval(() => {}, 1000)`
    const controller = new AbortController()
    const running = run(script(source, pidFile), {signal: controller.signal})
    const stray = Number(await content(pidFile))
    try {
      controller.abort()
      assert.equal((await running).kind, 'aborted')
    } finally {
      process.kill(stray, 'SIGKILL')
    }
  })

  it('stops a flood', async () => {
    for (const stream of ['stdout', 'stderr']) {
      const result = await run(script(`setInterval(() => process.${stream}.write("x".repeat(65536)), 0)`), {maxOutput: 100_000})
      assert.ok(result.kind === 'too-much-output')
      assert.equal(result.limit, 100_000)
    }
  })

  it('counts bytes, not characters', async () => {
    assert.equal((await run(script('process.stdout.write("é".repeat(60))'), {maxOutput: 100})).kind, 'too-much-output')
    assert.equal((await run(script('process.stdout.write("e".repeat(60))'), {maxOutput: 100})).kind, 'exited')
  })

  it('tells what is missing from what cannot be started', async () => {
    assert.equal((await run([join(folder, 'absent')])).kind, 'not-found')
    assert.equal((await run(['no-such-program-anywhere'])).kind, 'not-found')
    assert.equal((await run(script(ECHO), {cwd: join(folder, 'absent')})).kind, 'spawn-failed')

    const plain = join(folder, 'plain')
    writeFileSync(plain, 'no program')
    assert.equal((await run([plain])).kind, 'spawn-failed')

    const orphan = join(folder, 'orphan')
    writeFileSync(orphan, '#!/no/such/interpreter\n')
    chmodSync(orphan, 0o755)
    assert.equal((await run([orphan])).kind, 'spawn-failed')
  })

  it('passes the listed variables and what the caller gives, nothing else', async () => {
    const source = {
      PATH: `relative:/usr/bin:.:/bin`,
      HOME: '/h',
      TRIVY_SEVERITY: 'LOW',
      NODE_OPTIONS: '--no-such-flag',
      AWS_SECRET_ACCESS_KEY: 's',
      NODE_EXTRA_CA_CERTS: '/ca.pem',
    }
    // Node itself hands NODE_V8_COVERAGE on where coverage is measured.
    const child = script('delete process.env.NODE_V8_COVERAGE; process.stdout.write(JSON.stringify(process.env))')
    const result = await run(child, {source, env: {COSIGN_PASSWORD: 'p'}})
    assert.ok(result.kind === 'exited')
    assert.deepEqual(JSON.parse(result.stdout), {PATH: '/usr/bin:/bin', HOME: '/h', SSL_CERT_FILE: '/ca.pem', COSIGN_PASSWORD: 'p'})
  })

  it('gives no standard input unless asked', async () => {
    const copy = 'process.stdin.pipe(process.stdout)'
    assert.deepEqual(await run(script(copy)), {kind: 'exited', exitCode: 0, stdout: '', stderr: ''})
    assert.deepEqual(await run(script(copy), {input: Buffer.from('in')}), {kind: 'exited', exitCode: 0, stdout: 'in', stderr: ''})
  })

  it('takes its children along when it is told to end', async () => {
    const pidFile = join(folder, 'pid')
    const source = `
      import {run} from ${JSON.stringify(new URL('../../src/lib/process.ts', import.meta.url).href)}
      await run([process.execPath, '-e', 'process.on("SIGTERM", () => {}); require("node:fs").writeFileSync(process.argv[1], String(process.pid)); setInterval(() => {}, 1000)', ${JSON.stringify(pidFile)}])`
    const parent = spawn(node, ['--input-type=module', '-e', source], {stdio: 'ignore'})
    const child = Number(await content(pidFile))
    const ended = new Promise((resolve) => parent.once('exit', (_code, signal) => resolve(signal)))
    parent.kill('SIGINT')
    assert.equal(await ended, 'SIGINT')
    await gone(child)
  })
})

/** Waits for a file to be written by a child. */
async function content(path: string): Promise<string> {
  for (let tries = 0; ; tries += 1) {
    assert.ok(tries < 400, `${path} was never written`)
    const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
    if (text !== '') return text
    await sleep(20)
  }
}

/** Waits until no such process is running (a zombie that nobody reaps has ended, too). */
async function gone(pid: number): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    assert.ok(tries < 400, `process ${pid} is still there`)
    try {
      process.kill(pid, 0)
    } catch {
      return
    }
    const stat = `/proc/${pid}/stat`
    if (existsSync(stat) && / Z /.test(readFileSync(stat, 'utf8'))) return
    await sleep(20)
  }
}

import assert from 'node:assert/strict'
import {spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {once} from 'node:events'
import {existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {setTimeout as sleep} from 'node:timers/promises'
import {AppError, type ReasonCode} from '../../../src/lib/errors.ts'
import type {ToolOutput, ToolSpec} from '../../../src/lib/ports/tools.ts'
import {createRunTool, type ToolboxOptions} from '../../../src/lib/toolbox/run-tool.ts'
import {fakeTool} from '../../fakes/fake-tool.ts'

/** Hands its input on as arguments, and the output back as it is. */
const spec: ToolSpec<readonly string[], ToolOutput> = {
  tool: 'trivy',
  answers: [0, 10],
  outputs: ['out.json'],
  argv: (words) => ['scan', ...words],
  parse: (output) => output,
}

describe('toolbox/run-tool', () => {
  let root: string
  let bin: string
  let work: string
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'run-tool-test-'))
    bin = join(root, 'bin')
    work = join(root, 'work')
    mkdirSync(work)
  })
  afterEach(() => rmSync(root, {recursive: true, force: true}))

  const tools = (options: Partial<ToolboxOptions> = {}) =>
    createRunTool({cwd: work, env: {PATH: `${bin}:/usr/bin:/bin`, HIPAA_CI_CACHE: join(root, 'cache'), TRIVY_SEVERITY: 'LOW'}, ...options})

  it('gives what the tool answered, with version and digest of the binary', async () => {
    const path = fakeTool(bin, 'trivy', '0.74.0', 'echo "$2"; echo talk >&2; printf "{}" > out.json; exit 10')
    const {value, tool} = await tools()(spec, ['a b'])
    assert.deepEqual(value, {kind: 'exited', exitCode: 10, stdout: 'a b\n', stderr: 'talk\n', files: new Map([['out.json', Buffer.from('{}')]])})
    assert.deepEqual(tool, {name: 'trivy', version: '0.74.0', sha256: createHash('sha256').update(readFileSync(path)).digest('hex')})
  })

  it('leaves a file out that was not written', async () => {
    fakeTool(bin, 'trivy', '0.74.0')
    assert.equal((await tools()(spec, [])).value.files.size, 0)
  })

  it('lays the inputs into a scratch folder for us alone, which is also the working and temporary folder, and removes it', async () => {
    fakeTool(bin, 'trivy', '0.74.0', 'pwd; echo "$TMPDIR"; stat -c %a .; cat in.txt; echo; echo "$TRIVY_SEVERITY$EXTRA"')
    let seen = ''
    const {value} = await tools()(
      {
        ...spec,
        inputs: () => new Map([['in.txt', Buffer.from('given')]]),
        env: (_input, scratch) => ({EXTRA: scratch}),
        argv: (_input, scratch) => [(seen = scratch)],
      },
      [],
    )
    assert.deepEqual(value.stdout.split('\n'), [seen, join(seen, 'tmp'), '700', 'given', seen, ''])
    assert.equal(existsSync(seen), false)
  })

  it('removes the scratch folder after a failure, too', async () => {
    fakeTool(bin, 'trivy', '0.74.0', 'mkdir -p deep/er; exit 3')
    let seen = ''
    await failure(tools()({...spec, argv: (_input, scratch) => [(seen = scratch)]}, []))
    assert.notEqual(seen, '')
    assert.equal(existsSync(seen), false)
  })

  it('names tool, exit code and last words where the exit code is no answer, without credentials', async () => {
    fakeTool(
      bin,
      'trivy',
      '0.74.0',
      'for i in 1 2 3 4 5 6 7 8; do echo "line $i" >&2; done; printf "\\033[31mfatal\\033[0m https://bot:hunter2@registry.example/v2\\n" >&2; exit 1',
    )
    const error = await failure(tools()(spec, []))
    assert.equal(error.code, 'tool.failed')
    assert.equal(error.exitCode, 3)
    assert.equal(error.message, 'trivy 0.74.0 ended with exit code 1:\nline 4\nline 5\nline 6\nline 7\nline 8\nfatal https://***@registry.example/v2')
  })

  const endings: readonly [name: string, body: string, code: ReasonCode][] = [
    ['a kill', 'kill -9 $$', 'tool.killed'],
    ['running out of memory, as the shell tells it', 'exit 137', 'tool.failed'],
    ['a hang', 'sleep 60', 'tool.timeout'],
    ['a file that is none', 'ln -s /etc/passwd out.json', 'tool.output'],
  ]
  for (const [name, body, code] of endings)
    it(`does not take ${name} for an answer`, async () => {
      fakeTool(bin, 'trivy', '0.74.0', body)
      assert.equal((await failure(tools()({...spec, timeout: 700}, []))).code, code)
    })

  it('does not take a flood for an answer', async () => {
    fakeTool(bin, 'trivy', '0.74.0')
    const error = await failure(
      tools({
        run: async (argv) =>
          argv.includes('--version')
            ? {kind: 'exited', exitCode: 0, stdout: 'Version: 0.74.0\n', stderr: ''}
            : {kind: 'too-much-output', limit: 9, stdout: '{}', stderr: ''},
      })(spec, []),
    )
    assert.equal(error.code, 'tool.output')
  })

  it('turns whatever a parser trips over into an unreadable answer', async () => {
    fakeTool(bin, 'trivy', '0.74.0', 'echo "{"')
    const error = await failure(tools()({...spec, parse: ({stdout}) => JSON.parse(stdout) as ToolOutput}, []))
    assert.equal(error.code, 'tool.output')
    assert.ok(error.cause instanceof SyntaxError)
  })

  it('lets a reason of the parser stand', async () => {
    fakeTool(bin, 'trivy', '0.74.0')
    const error = await failure(
      tools()(
        {
          ...spec,
          parse() {
            throw new AppError('scan.incomplete', 'two files')
          },
        },
        [],
      ),
    )
    assert.equal(error.code, 'scan.incomplete')
  })

  it('stops the tool when it is told to, and says that it was interrupted', async () => {
    const started = join(root, 'started')
    fakeTool(bin, 'trivy', '0.74.0', `echo > ${started}; sleep 60`)
    const controller = new AbortController()
    let seen = ''
    const running = failure(tools({signal: controller.signal})({...spec, argv: (_input, scratch) => [(seen = scratch)]}, []))
    for (let tries = 0; !existsSync(started); tries += 1) {
      assert.ok(tries < 400, 'it was never started')
      await sleep(20)
    }
    controller.abort()
    assert.equal((await running).code, 'interrupted')
    assert.equal(existsSync(seen), false)
  })

  it('takes tool and scratch folder along where the program is ended in the middle', async () => {
    const started = join(root, 'started')
    fakeTool(bin, 'trivy', '0.74.0', `pwd > ${started}; sleep 60`)
    const source = `
      import {createRunTool} from ${JSON.stringify(new URL('../../../src/lib/toolbox/run-tool.ts', import.meta.url).href)}
      process.once('SIGINT', () => process.exit(130))
      await createRunTool({cwd: ${JSON.stringify(work)}, env: process.env})({tool: 'trivy', answers: [0], outputs: [], argv: () => ['scan'], parse: () => 0}, undefined)`
    const parent = spawn(process.execPath, ['--input-type=module', '-e', source], {
      env: {PATH: `${bin}:/usr/bin:/bin`, HIPAA_CI_CACHE: join(root, 'cache')},
      stdio: 'ignore',
    })
    for (let tries = 0; !existsSync(started) || readFileSync(started, 'utf8') === ''; tries += 1) {
      assert.ok(tries < 400, 'it was never started')
      await sleep(20)
    }
    const scratch = readFileSync(started, 'utf8').trim()
    assert.ok(existsSync(scratch))
    parent.kill('SIGINT')
    assert.deepEqual(await once(parent, 'exit'), [130, null])
    assert.equal(existsSync(scratch), false)
  })

  it('refuses names that lead out of the scratch folder', async () => {
    fakeTool(bin, 'trivy', '0.74.0')
    for (const name of ['../up', '/etc/passwd', 'a/b', '', 'tmp', '..'])
      assert.equal((await failure(tools()({...spec, inputs: () => new Map([[name, Buffer.from('')]])}, []))).code, 'bug', name)
  })

  it('asks a tool for its version once, and again when its file changes', async () => {
    const asked = join(root, 'asked')
    const count = () => (existsSync(asked) ? readFileSync(asked, 'utf8').length : 0)
    const path = fakeTool(bin, 'trivy', '0.74.0')
    const text = readFileSync(path, 'utf8').replace('echo', `printf x >> ${asked}; echo`)
    writeFileSync(path, text, {mode: 0o755})
    await tools()(spec, [])
    await tools()(spec, [])
    assert.equal(count(), 1)
    writeFileSync(path, text.replace('0.74.0', '0.74.1'), {mode: 0o755})
    assert.equal((await tools()(spec, [])).tool.version, '0.74.1')
    assert.equal(count(), 2)
  })

  it('works without a cache that it can write to, or with a torn one', async () => {
    fakeTool(bin, 'trivy', '0.74.0')
    const env = {PATH: `${bin}:/usr/bin:/bin`, HIPAA_CI_CACHE: '/dev/null/none'}
    assert.equal((await tools({env})(spec, [])).tool.version, '0.74.0')

    mkdirSync(join(root, 'cache'))
    writeFileSync(join(root, 'cache', 'identities.json'), '{"')
    assert.equal((await tools()(spec, [])).tool.version, '0.74.0')
    assert.deepEqual(readdirSync(join(root, 'cache')), ['identities.json'])
    assert.ok(statSync(join(root, 'cache', 'identities.json')).size > 10)
  })
})

async function failure(attempt: Promise<unknown>): Promise<AppError> {
  const error: unknown = await attempt.then(
    () => assert.fail('it did not fail'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof AppError, String(error))
  return error
}

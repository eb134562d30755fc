import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import {AppError} from '../../../src/lib/errors.ts'
import {run} from '../../../src/lib/process.ts'
import {createLocate} from '../../../src/lib/toolbox/locate.ts'
import {fakeTool} from '../../fakes/fake-tool.ts'

describe('toolbox/locate', () => {
  let root: string
  let work: string
  let cache: string
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'locate-test-')))
    work = join(root, 'work')
    cache = join(root, 'cache')
    mkdirSync(work)
  })
  afterEach(() => rmSync(root, {recursive: true, force: true}))

  const locate = (path: string, cwd = work) => createLocate({cwd, env: {PATH: `${path}:/usr/bin:/bin`, HIPAA_CI_CACHE: cache}}, run)('trivy')

  /** A build of set-up: program and stamp. */
  function built(version: string, {name = `${version}-abc`, sha256 = ''} = {}): string {
    const folder = join(cache, 'tools', 'trivy', name)
    const path = fakeTool(join(folder, 'bin'), 'trivy', version)
    writeFileSync(
      join(folder, 'tool.json'),
      JSON.stringify({tool: 'trivy', version, sha256: sha256 || createHash('sha256').update(readFileSync(path)).digest('hex')}),
    )
    return path
  }

  it('takes the first on PATH in an allowed version', async () => {
    fakeTool(join(root, 'old'), 'trivy', '0.60.0')
    const path = fakeTool(join(root, 'good'), 'trivy', '0.74.1')
    fakeTool(join(root, 'later'), 'trivy', '0.74.2')
    built('0.74.3')
    const found = await locate(`${join(root, 'old')}:${join(root, 'good')}:${join(root, 'later')}`)
    assert.deepEqual([found.path, found.version, found.from], [path, '0.74.1', 'path'])
  })

  it('takes what set-up built where PATH has none, the newest first', async () => {
    built('0.74.0')
    const path = built('0.74.10')
    built('0.74.9')
    const found = await locate(join(root, 'empty'))
    assert.deepEqual([found.path, found.version, found.from], [path, '0.74.10', 'cache'])
  })

  it('passes over a build that is unfinished, torn, or not what was built', async () => {
    rmSync(join(dirname(dirname(built('0.74.1'))), 'tool.json'))
    writeFileSync(join(dirname(dirname(built('0.74.2'))), 'tool.json'), '{"version": "0.7')
    assert.equal((await refusal(locate('/none'))).code, 'tool.missing')
    built('0.74.3', {sha256: '0'.repeat(64)})
    const error = await refusal(locate('/none'))
    assert.equal(error.code, 'tool.version')
    assert.match(error.message, /is not the file that set-up built/)
    const started = join(root, 'started')
    writeFileSync(built('0.74.4', {sha256: '0'.repeat(64)}), `#!/bin/sh\necho > ${started}\necho Version: 0.74.4\n`)
    await refusal(locate('/none'))
    assert.throws(() => readFileSync(started), 'it was started before it was known')
  })

  it('says how to get one that is nowhere', async () => {
    const error = await refusal(locate('/none'))
    assert.equal(error.code, 'tool.missing')
    assert.match(error.suggestions.join(''), /npm run setup/)
  })

  it('names each version that it did not take, and why', async () => {
    fakeTool(join(root, 'a'), 'trivy', '0.69.5')
    fakeTool(join(root, 'b'), 'trivy', '0.75.0')
    fakeTool(join(root, 'c'), 'trivy', 'dev')
    fakeTool(join(root, 'd'), 'trivy', '0.74.0-rc.1')
    const silent = fakeTool(join(root, 'e'), 'trivy', '0.74.0')
    writeFileSync(silent, '#!/bin/sh\nexit 1\n')
    const error = await refusal(locate(['a', 'b', 'c', 'd', 'e'].map((name) => join(root, name)).join(':')))
    assert.equal(error.code, 'tool.version')
    for (const part of [
      /a\/trivy is 0\.69\.5, which is refused: it is a malicious release/,
      /b\/trivy is 0\.75\.0/,
      /c\/trivy is dev/,
      /d\/trivy is 0\.74\.0-rc\.1/,
      /e\/trivy does not say its version/,
    ])
      assert.match(error.message, part)
  })

  it('never starts what is in a refused place', async () => {
    const path = join(work, 'bin', 'trivy')
    mkdirSync(dirname(path))
    writeFileSync(path, `#!/bin/sh\necho started > ${join(root, 'started')}\necho Version: 0.74.0\n`)
    chmodSync(path, 0o755)
    assert.equal((await refusal(locate(dirname(path)))).code, 'tool.untrusted')
    assert.throws(() => readFileSync(join(root, 'started')))
  })

  it('refuses the working folder, the checkout around it, and links into either', async () => {
    mkdirSync(join(work, '.git'))
    mkdirSync(join(work, 'sub'))
    const inside = fakeTool(join(work, 'bin'), 'trivy', '0.74.0')
    assert.equal((await refusal(locate(join(work, 'bin'), join(work, 'sub')))).code, 'tool.untrusted')

    mkdirSync(join(root, 'links'))
    symlinkSync(inside, join(root, 'links', 'trivy'))
    assert.equal((await refusal(locate(join(root, 'links')))).code, 'tool.untrusted')

    symlinkSync(join(work, 'bin'), join(root, 'linked'))
    assert.equal((await refusal(locate(join(root, 'linked')))).code, 'tool.untrusted')

    // The link itself lies where a change could have put it, wherever it leads today.
    fakeTool(join(root, 'outside'), 'trivy', '0.74.0')
    mkdirSync(join(work, 'links'))
    symlinkSync(join(root, 'outside', 'trivy'), join(work, 'links', 'trivy'))
    assert.equal((await refusal(locate(join(work, 'links')))).code, 'tool.untrusted')
  })

  it('sees the working folder through a link to it', async () => {
    fakeTool(join(work, 'bin'), 'trivy', '0.74.0')
    symlinkSync(work, join(root, 'alias'))
    assert.equal((await refusal(locate(join(work, 'bin'), join(root, 'alias')))).code, 'tool.untrusted')
  })

  it('trusts our own cache folder even there, and a neighbour whose name begins alike', async () => {
    cache = join(work, '.cache')
    built('0.74.0')
    assert.equal((await locate('/none')).from, 'cache')
    fakeTool(`${work}-tools`, 'trivy', '0.74.1')
    assert.equal((await locate(`${work}-tools`)).version, '0.74.1')
  })

  it('knows no relative folder, no node_modules/.bin, and nothing that cannot be executed', async () => {
    fakeTool(join(root, 'node_modules', '.bin'), 'trivy', '0.74.0')
    chmodSync(fakeTool(join(root, 'plain'), 'trivy', '0.74.0'), 0o644)
    mkdirSync(join(root, 'folder', 'trivy'), {recursive: true})
    symlinkSync('trivy', join(root, 'trivy'))
    const path = ['', '.', 'bin', join(root, 'node_modules', '.bin'), join(root, 'plain'), join(root, 'folder'), root].join(':')
    assert.equal((await refusal(locate(path))).code, 'tool.missing')
  })
})

async function refusal(attempt: Promise<unknown>): Promise<AppError> {
  const error: unknown = await attempt.then(
    (found) => assert.fail(`it found ${JSON.stringify(found)}`),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof AppError, String(error))
  assert.equal(error.exitCode, 3)
  return error
}

/** Credential helpers as real programs on a real PATH. All logins are invented. */
import assert from 'node:assert/strict'
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {AppError} from '../../../src/lib/errors.ts'
import {run} from '../../../src/lib/process.ts'
import {createAskCredentialHelper} from '../../../src/lib/toolbox/credential-helper.ts'

const HOST = 'registry.example.com'

describe('toolbox/credential-helper', () => {
  let root: string
  let work: string
  beforeEach(() => {
    root = realpathSync(mkdtempSync(join(tmpdir(), 'helper-test-')))
    work = join(root, 'work')
    mkdirSync(work)
  })
  afterEach(() => rmSync(root, {recursive: true, force: true}))

  function helper(body: string, folder = join(root, 'bin'), name = 'docker-credential-vault'): void {
    mkdirSync(folder, {recursive: true})
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  const ask = (name = 'vault', env: Record<string, string> = {}, path = join(root, 'bin')) =>
    createAskCredentialHelper({cwd: work, env: {PATH: `${path}:/usr/bin:/bin`, ...env}})(name, HOST)
  const refusal = async (asked: Promise<unknown>): Promise<AppError> => {
    const error: unknown = await asked.then(
      (found) => assert.fail(`it answered ${JSON.stringify(found)}`),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof AppError, String(error))
    assert.doesNotMatch(`${error.message} ${error.suggestions.join(' ')} ${String(error.cause)}`, /s3cret/)
    return error
  }

  it('is given the server on standard input, and its login is taken', async () => {
    helper(`test "$1" = get || exit 3; cat > '${join(root, 'asked')}'; echo '{"ServerURL":"x","Username":"ada","Secret":"s3cret"}'`)
    assert.deepEqual(await ask(), {kind: 'password', username: 'ada', password: 's3cret'})
    assert.equal(readFileSync(join(root, 'asked'), 'utf8'), HOST)
  })

  it('may hold an identity token', async () => {
    helper(`echo '{"ServerURL":"x","Username":"<token>","Secret":"s3cret"}'`)
    assert.deepEqual(await ask(), {kind: 'identity-token', token: 's3cret'})
  })

  it('may have none, and says so in the words of all helpers', async () => {
    helper('echo "credentials not found in native keychain"; exit 1')
    assert.equal(await ask(), undefined)
  })

  it('gets what it finds its own keychain by, and no other variable', async () => {
    helper(`echo "{\\"Username\\":\\"\${AWS_PROFILE}-\${GITHUB_TOKEN}-\${DOCKER_CONFIG}\\",\\"Secret\\":\\"s3cret\\"}"`)
    assert.deepEqual(await ask('vault', {AWS_PROFILE: 'dev', GITHUB_TOKEN: 'x', DOCKER_CONFIG: '/d'}), {
      kind: 'password',
      username: 'dev--/d',
      password: 's3cret',
    })
  })

  for (const [what, body, message] of [
    ['fails', 'echo s3cret; echo s3cret >&2; exit 1', /exit code 1/],
    ['finds nothing, but ends as if it had', 'echo "credentials not found in native keychain"', /something else than a login/],
    ['prints no JSON', 'echo s3cret', /something else than a login/],
    ['prints nothing', ':', /something else than a login/],
    ['prints no secret', `echo '{"Username":"s3cret","Secret":""}'`, /something else than a login/],
    ['prints a name that would end early', `echo '{"Username":"a:s3cret","Secret":"s3cret"}'`, /something else than a login/],
    ['floods', 'yes s3cret', /more than a login/],
    ['is killed', 'kill -9 $$', /was killed/],
    ['is no program', '', /could not be started|exit code/],
  ] as const) {
    it(`that ${what} is refused, never passed over`, async () => {
      helper(body)
      if (what === 'is no program') writeFileSync(join(root, 'bin', 'docker-credential-vault'), '#!/nowhere/sh\n')
      const error = await refusal(ask())
      assert.equal(error.code, 'registry.refused')
      assert.match(error.message, message)
      assert.match(error.message, /registry\.example\.com .*docker-credential-vault/)
    })
  }

  it('that takes too long is refused', async () => {
    helper(':')
    const timeouts: unknown[] = []
    const asked = createAskCredentialHelper({cwd: work, env: {PATH: join(root, 'bin')}}, async (_argv, options) => {
      timeouts.push(options?.timeout)
      return {kind: 'timed-out', after: 10_000, stdout: 's3cret', stderr: ''}
    })('vault', HOST)
    assert.match((await refusal(asked)).message, /did not answer for 10 s/)
    assert.deepEqual(timeouts, [10_000])
  })

  it('that is not there is refused, with what to install', async () => {
    const error = await refusal(ask())
    assert.equal(error.code, 'registry.refused')
    assert.match(error.suggestions.join(' '), /Install docker-credential-vault/)
  })

  for (const name of ['../vault', 'va ult', 'vault\n', '', '$(id)', 'ä']) {
    it(`is not called ${JSON.stringify(name)}`, async () => {
      helper('touch started')
      assert.equal((await refusal(ask(name))).code, 'registry.refused')
    })
  }

  it('inside the working folder is not started, nor one that links into it', async () => {
    helper(`touch '${join(root, 'started')}'`, join(work, 'bin'))
    mkdirSync(join(root, 'bin'))
    symlinkSync(join(work, 'bin', 'docker-credential-vault'), join(root, 'bin', 'docker-credential-vault'))
    for (const path of [join(work, 'bin'), join(root, 'bin')]) assert.equal((await refusal(ask('vault', {}, path))).code, 'tool.untrusted')
    assert.equal((await run(['ls', join(root, 'started')])).kind, 'exited')
    assert.throws(() => readFileSync(join(root, 'started')), {code: 'ENOENT'})
  })
})

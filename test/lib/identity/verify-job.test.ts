/** A token that is offered either proves who runs the job, or stops the command: against an issuer on loopback that can do everything wrong. */
import assert from 'node:assert/strict'
import {createSecretKey, generateKeyPairSync, type KeyObject} from 'node:crypto'
import fc from 'fast-check'
import {AppError} from '../../../src/lib/errors.ts'
import {createGetJson, type GetJson} from '../../../src/lib/identity/get-json.ts'
import {verifyJob} from '../../../src/lib/identity/verify-job.ts'
import {REQUEST_TOKEN, startIssuer, type TestIssuer} from '../../identity-issuer.ts'
import {COMMIT, GITHUB_CLAIMS, GITHUB_ENV, GITLAB_CLAIMS, GITLAB_ENV} from './claims.ts'

const ISSUER = 'https://token.actions.githubusercontent.com'
const GITLAB = 'https://gitlab.example.com'

describe('the verified job', () => {
  let issuer: TestIssuer
  let now: Date
  /** The same in seconds, as tokens have it. */
  let seconds: number
  before(async () => {
    issuer = await startIssuer()
    now = new Date()
    seconds = Math.floor(now.getTime() / 1000)
  })
  beforeEach(() => {
    issuer.name = ISSUER
    issuer.claims = {...GITHUB_CLAIMS}
    issuer.answers.clear()
    issuer.seen.length = 0
  })
  after(async () => issuer.stop())

  /** The platform's address leads to the issuer on loopback; everything else is as in production. */
  const getJson = (settings: Parameters<typeof createGetJson>[0] = {}): GetJson => {
    const real = createGetJson({loopback: true, wait: 1, ...settings})
    return async (request) => real({...request, url: new URL(`${request.url.pathname}${request.url.search}`, issuer.origin)})
  }
  const offered = (): Record<string, string> => ({
    ...GITHUB_ENV,
    ACTIONS_ID_TOKEN_REQUEST_URL: `${issuer.origin}/token?api-version=2.0`,
    ACTIONS_ID_TOKEN_REQUEST_TOKEN: REQUEST_TOKEN,
  })
  const verified = async (env: Record<string, string | undefined> = offered(), settings: Parameters<typeof createGetJson>[0] = {}) =>
    verifyJob({env, getJson: getJson(settings), now})

  const gitlab = (claims: Record<string, unknown> = {}, header: Record<string, unknown> = {}) => {
    issuer.name = GITLAB
    return {...GITLAB_ENV, SIGSTORE_ID_TOKEN: issuer.token({...registered(GITLAB, 'sigstore'), ...GITLAB_CLAIMS, ...claims}, header)}
  }
  const registered = (iss: string, aud: unknown) => ({iss, aud, iat: seconds, nbf: seconds, exp: seconds + 300})
  /** GitHub's endpoint gives exactly this. */
  const givesToken = (token: string) => issuer.answers.set('/token', (response) => void response.end(JSON.stringify({value: token})))

  const refused = async (run: Promise<unknown>, code: string, message: RegExp) =>
    assert.rejects(run, (error: unknown) => {
      assert.ok(error instanceof AppError)
      assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message)
      return true
    })

  it('is undefined where no platform offers a token', async () => {
    assert.equal(await verified({}), undefined)
    assert.equal(await verified({...GITHUB_ENV}), undefined)
    assert.equal(await verified({...GITLAB_ENV}), undefined)
    assert.equal(issuer.seen.length, 0)
  })

  it('is what GitHub signs: definition, builder, source, run, actor', async () => {
    assert.deepEqual(await verified(), {
      platform: 'github-actions',
      issuer: ISSUER,
      repository: 'https://github.com/acme/app',
      ref: 'refs/heads/main',
      commit: COMMIT,
      definition: {repository: 'https://github.com/acme/app', ref: 'refs/heads/main', path: '.github/workflows/release.yml'},
      builder: 'https://github.com/acme/builders/.github/workflows/secure-build.yml@refs/tags/v3',
      event: 'push',
      runUrl: 'https://github.com/acme/app/actions/runs/1658821493',
      invocation: 'https://github.com/acme/app/actions/runs/1658821493/attempts/2',
      details: {event_name: 'push', repository_id: '74', repository_owner_id: '65', runner_environment: 'github-hosted'},
      actor: {
        human: {id: 'ada', issuer: 'https://github.com', basis: 'token'},
        workload: {id: 'acme/builders/.github/workflows/secure-build.yml@refs/tags/v3', issuer: 'https://github.com', basis: 'token'},
      },
    })
  })

  it('asks for the token by its audience, and shows the request token to nobody else', async () => {
    await verified()
    assert.deepEqual(issuer.seen, [
      {path: '/token?api-version=2.0&audience=hipaa-ci', authorization: `Bearer ${REQUEST_TOKEN}`},
      {path: '/.well-known/openid-configuration', authorization: undefined},
      {path: '/.well-known/jwks', authorization: undefined},
    ])
  })

  it('takes the issuer of an enterprise, of an enterprise cloud and of an enterprise server, each by its own name', async () => {
    issuer.name = `${ISSUER}/acme-health`
    issuer.answers.set('/openid-configuration', (response) => void response.end(JSON.stringify({issuer: issuer.name, jwks_uri: `${ISSUER}/.well-known/jwks`})))
    assert.equal((await verified())?.builder.startsWith('https://github.com/'), true)
    issuer.answers.clear()
    issuer.name = 'https://token.actions.acme.ghe.com'
    assert.equal((await verified({...offered(), GITHUB_SERVER_URL: 'https://acme.ghe.com'}))?.repository, 'https://acme.ghe.com/acme/app')
    issuer.name = 'https://code.hospital.example/_services/token'
    issuer.answers.set('/openid-configuration', (response) => void response.end(JSON.stringify({issuer: issuer.name, jwks_uri: `${issuer.name}/jwks`})))
    issuer.answers.set('/jwks', (response) => void response.end(JSON.stringify({keys: [issuer.jwk]})))
    const job = await verified({...offered(), GITHUB_SERVER_URL: 'https://code.hospital.example'})
    assert.equal(job?.builder, `https://code.hospital.example/${GITHUB_CLAIMS.job_workflow_ref}`)
    assert.equal(job.actor.human?.issuer, 'https://code.hospital.example')
  })

  it('is what GitLab signs', async () => {
    const job = await verified(gitlab())
    assert.equal(job?.platform, 'gitlab-ci')
    assert.equal(job.builder, 'https://gitlab.example.com/health/app//.gitlab-ci.yml@refs/heads/main')
    assert.deepEqual(job.definition, {repository: 'https://gitlab.example.com/health/app', ref: 'refs/heads/main', path: '.gitlab-ci.yml'})
    assert.equal(job.invocation, 'https://gitlab.example.com/health/app/-/jobs/1123')
    assert.deepEqual(job.actor.human, {id: 'ada', issuer: GITLAB, basis: 'token'})
  })

  it('names no person on a schedule, nor for an app', async () => {
    issuer.claims = {...GITHUB_CLAIMS, event_name: 'schedule'}
    assert.equal((await verified())?.actor.human, undefined)
    issuer.claims = {...GITHUB_CLAIMS, actor: 'renovate[bot]'}
    assert.equal((await verified())?.actor.human, undefined)
    assert.equal((await verified(gitlab({pipeline_source: 'schedule'})))?.actor.human, undefined)
    assert.equal((await verified(gitlab({user_login: 'project_12_bot_9f'})))?.actor.human, undefined)
  })

  it('finds the path of a workflow whose path and ref hold an @, and of one from another repository', async () => {
    issuer.claims = {...GITHUB_CLAIMS, ref: 'refs/tags/@acme/app@1.0.0', workflow_ref: 'acme/app/.github/workflows/a@b.yml@refs/tags/@acme/app@1.0.0'}
    assert.deepEqual((await verified())?.definition, {
      repository: 'https://github.com/acme/app',
      ref: 'refs/tags/@acme/app@1.0.0',
      path: '.github/workflows/a@b.yml',
    })
    issuer.claims = {...GITHUB_CLAIMS, workflow_ref: 'acme/policy/.github/workflows/required.yml@refs/heads/main'}
    assert.equal((await verified())?.definition.repository, 'https://github.com/acme/policy')
  })

  describe('refuses', () => {
    const {privateKey: stranger} = generateKeyPairSync('rsa', {modulusLength: 2048})
    const body = (claims: Record<string, unknown> = {}) => ({...registered(ISSUER, 'hipaa-ci'), ...GITHUB_CLAIMS, ...claims})
    const rows: readonly (readonly [string, () => string, RegExp])[] = [
      ['a token that has ended', () => issuer.token(body({exp: seconds - 61})), /has ended/],
      ['one that is not valid yet', () => issuer.token(body({nbf: seconds + 61})), /not valid yet/],
      ['one from the future', () => issuer.token(body({iat: seconds + 3600})), /not valid yet/],
      ['one without an end', () => issuer.token(body({exp: undefined})), /until when/],
      ['one for somebody else', () => issuer.token(body({aud: 'sts.amazonaws.com'})), /meant for somebody else/],
      ['one for a list of others', () => issuer.token(body({aud: ['sts.amazonaws.com', 'sigstore']})), /meant for somebody else/],
      ['another issuer', () => issuer.token(body({iss: 'https://evil.example'})), /not issued by/],
      ['an issuer that only begins so', () => issuer.token(body({iss: `${ISSUER}.evil.example`})), /not issued by/],
      ['an issuer two paths below', () => issuer.token(body({iss: `${ISSUER}/a/b`})), /not issued by/],
      ['an issuer that climbs', () => issuer.token(body({iss: `${ISSUER}/..`})), /not issued by/],
      ['no algorithm', () => issuer.token(body(), {alg: 'none'}), /no signed JSON web token/],
      ['no algorithm, with a signature', () => `${issuer.token(body(), {alg: 'none'})}AAAA`, /not signed by RS256/],
      ['a secret made of the public key', () => issuer.token(body(), {alg: 'HS256'}, secretOf(issuer)), /not signed by RS256/],
      ['RS256 by name, HMAC by bytes', () => swapHeader(issuer.token(body(), {alg: 'HS256'}, secretOf(issuer))), /does not match/],
      ['another algorithm', () => issuer.token(body(), {alg: 'PS256'}), /not signed by RS256/],
      ['an unknown key', () => issuer.token(body(), {kid: 'key-2'}), /does not know/],
      ['no key id', () => issuer.token(body(), {kid: undefined}), /header/],
      ['a critical extension', () => issuer.token(body(), {crit: ['exp']}), /header/],
      ["a stranger's signature", () => issuer.token(body(), {}, stranger), /does not match/],
      ['other claims under the signature', () => swapBody(issuer.token(body()), body({repository: 'acme/other'})), /does not match/],
      ['another repository', () => issuer.token(body({repository: 'acme/other'})), /another job.*repository/],
      ['another run', () => issuer.token(body({run_id: '7'})), /another job.*run_id/],
      ['a claim that is missing', () => issuer.token(body({job_workflow_ref: undefined})), /job_workflow_ref is missing/],
      ['a claim that is odd', () => issuer.token(body({ref: 'refs/heads/a b'})), /claim ref is not/],
      ['a workflow that is no file', () => issuer.token(body({workflow_ref: 'acme/app@refs/heads/main'})), /workflow_ref/],
      ['no token', () => 'synthetic', /no signed JSON web token/],
      ['an endless token', () => issuer.token(body({more: 'a'.repeat(20_000)})), /no signed JSON web token/],
    ]
    for (const [what, make, message] of rows)
      it(what, async () => {
        givesToken(make())
        await refused(verified(), 'identity.invalid', message)
      })

    it('an offer of which half is missing', async () => {
      await refused(verified({...offered(), ACTIONS_ID_TOKEN_REQUEST_TOKEN: ''}), 'identity.invalid', /REQUEST_TOKEN is not set/)
      await refused(verified({...offered(), ACTIONS_ID_TOKEN_REQUEST_URL: undefined}), 'identity.invalid', /REQUEST_URL is not set/)
    })

    it('a server that is no https address', async () => {
      for (const server of ['http://github.com', 'github.com', 'https://user:secret@github.com', 'https://github.com/?a'])
        await refused(verified({...offered(), GITHUB_SERVER_URL: server}), 'identity.invalid', /GITHUB_SERVER_URL/)
      await refused(verified({...gitlab(), CI_SERVER_URL: 'http://gitlab.example.com'}), 'identity.invalid', /CI_SERVER_URL/)
    })

    it("GitLab's token for another project, another server, or a pipeline from outside", async () => {
      await refused(verified(gitlab({project_path: 'health/other'})), 'identity.invalid', /project_path/)
      await refused(verified({...gitlab(), CI_SERVER_URL: 'https://gitlab.com'}), 'identity.invalid', /not issued by/)
      await refused(verified(gitlab({ci_config_ref_uri: null})), 'identity.invalid', /ci_config_ref_uri/)
      await refused(verified(gitlab({ci_config_ref_uri: 'elsewhere.example/a/b//ci.yml@refs/heads/main'})), 'identity.invalid', /ci_config_ref_uri/)
    })

    it('keys of another server, keys that share a name, small keys and keys for something else', async () => {
      const document = (changes: object) => JSON.stringify({issuer: ISSUER, jwks_uri: `${ISSUER}/.well-known/jwks`, ...changes})
      issuer.answers.set('/openid-configuration', (response) => void response.end(document({jwks_uri: 'https://evil.example/jwks'})))
      await refused(verified(), 'identity.invalid', /another server/)
      issuer.answers.set('/openid-configuration', (response) => void response.end(document({issuer: 'https://evil.example'})))
      await refused(verified(), 'identity.invalid', /calls itself otherwise/)
      issuer.answers.clear()
      const keys = (...list: object[]) => issuer.answers.set('/jwks', (response) => void response.end(JSON.stringify({keys: list})))
      keys(issuer.jwk, issuer.jwk)
      await refused(verified(), 'identity.invalid', /two keys/)
      for (const change of [{use: 'enc'}, {alg: 'RS512'}, {kty: 'EC'}, {n: 'AQAB'}]) {
        keys({...issuer.jwk, ...change})
        await refused(verified(), 'identity.invalid', /does not know/)
      }
      const small = generateKeyPairSync('rsa', {modulusLength: 1024})
      keys({...small.publicKey.export({format: 'jwk'}), kid: 'key-1'})
      givesToken(issuer.token(body(), {}, small.privateKey))
      await refused(verified(), 'identity.invalid', /does not know/)
    })

    it('every token of which one letter is another', async () => {
      const token = issuer.token(body())
      const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.'
      // The last letter of the signature carries four bits that no byte has.
      const place = fc.integer({min: 0, max: token.length - 2})
      await fc.assert(
        fc.asyncProperty(place, fc.constantFrom(...letters.split('')), async (at, letter) => {
          fc.pre(token[at] !== letter)
          givesToken(`${token.slice(0, at)}${letter}${token.slice(at + 1)}`)
          await assert.rejects(verified(), {code: 'identity.invalid'})
        }),
        {numRuns: 60},
      )
    })
  })

  describe('says out of reach', () => {
    it('where an endpoint refuses, breaks, answers nonsense or too much', async () => {
      const rows: readonly (readonly [string, (path: string) => void, RegExp])[] = [
        ['403', (path) => issuer.answers.set(path, (response) => void response.writeHead(403).end('{}')), /403/],
        ['500', (path) => issuer.answers.set(path, (response) => void response.writeHead(500).end('{}')), /500/],
        ['redirect', (path) => issuer.answers.set(path, (response) => void response.writeHead(302, {location: 'https://evil.example/'}).end()), /302/],
        ['page', (path) => issuer.answers.set(path, (response) => void response.end('<html>')), /no JSON/],
        ['other JSON', (path) => issuer.answers.set(path, (response) => void response.end('[]')), /without|describe/],
        ['too much', (path) => issuer.answers.set(path, (response) => void response.end(`"${'a'.repeat(300_000)}"`)), /more than/],
        [
          'cut',
          (path) => issuer.answers.set(path, (response) => void response.writeHead(200, {'content-length': '99'}).write('{', () => response.destroy())),
          /cut|ECONNRESET/,
        ],
      ]
      for (const path of ['/token', '/openid-configuration', '/jwks'])
        for (const [what, arrange, message] of rows) {
          issuer.answers.clear()
          arrange(path)
          await assert.rejects(
            verified(),
            (error: unknown) => error instanceof AppError && error.exitCode === 4 && message.test(error.message),
            `${path} ${what}`,
          )
        }
    })

    it('where nothing answers in time, and when nobody listens', async () => {
      issuer.answers.set('/token', () => undefined)
      await refused(verified(offered(), {timeout: 50, attempts: 2}), 'identity.unreachable', /no answer within/)
      assert.equal(issuer.seen.length, 2)
      const gone = createGetJson({loopback: true, attempts: 1})
      await refused(gone({url: new URL('http://127.0.0.1:1/'), what: 'the identity token'}), 'identity.unreachable', /ECONNREFUSED/)
    })

    it('but not for a fault that passes', async () => {
      issuer.answers.set('/jwks', (response) => {
        issuer.answers.clear()
        response.writeHead(503).end()
      })
      assert.equal((await verified())?.platform, 'github-actions')
    })
  })

  it('fetches nothing by a road on which anybody may answer', async () => {
    await refused(createGetJson()({url: new URL(`${issuer.origin}/token`), what: 'the identity token'}), 'identity.invalid', /by http/)
    const elsewhere = createGetJson({loopback: true})({url: new URL('http://issuer.example/token'), what: 'the identity token'})
    await refused(elsewhere, 'identity.invalid', /by http/)
    assert.equal(issuer.seen.length, 0)
  })

  it('quotes neither token in an error', async () => {
    const secrets = new Set<string>([REQUEST_TOKEN])
    const errors: string[] = []
    const note = async (run: Promise<unknown>) => run.catch((error: unknown) => errors.push(errorText(error)))
    for (const claims of [{aud: 'x'}, {exp: 1}, {iss: 'https://evil.example'}, {repository: 'acme/other'}, {ref: 7}]) {
      const token = issuer.token({...registered(ISSUER, 'hipaa-ci'), ...GITHUB_CLAIMS, ...claims})
      secrets.add(token).add(token.split('.')[2] ?? '')
      givesToken(token)
      await note(verified())
    }
    issuer.answers.set('/token', (response) => void response.writeHead(403).end())
    await note(verified())
    await note(verified({...offered(), ACTIONS_ID_TOKEN_REQUEST_URL: REQUEST_TOKEN}))
    assert.equal(errors.length, 7)
    for (const text of errors) for (const secret of secrets) assert.equal(text.includes(secret), false, text)
  })
})

/** With everything that DEBUG would show. */
function errorText(error: unknown): string {
  const parts: string[] = []
  for (let next = error; next instanceof Error; next = next.cause) parts.push(next.message, String(next.stack), JSON.stringify(next))
  return parts.join('\n')
}

/** The confusion that libraries have fallen for: the public key's bytes as the secret of an HMAC. */
function secretOf({jwk}: TestIssuer): KeyObject {
  return createSecretKey(Buffer.from(JSON.stringify(jwk)))
}

function swapHeader(token: string): string {
  const header = Buffer.from(JSON.stringify({typ: 'JWT', alg: 'RS256', kid: 'key-1'})).toString('base64url')
  return [header, ...token.split('.').slice(1)].join('.')
}

function swapBody(token: string, claims: unknown): string {
  const [header = '', , signature = ''] = token.split('.')
  return [header, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
}

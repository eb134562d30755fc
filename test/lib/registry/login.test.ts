/** Logging in: what is sent, to whom, and to whom never. */
import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {MEDIA_TYPES, digestOf} from '../../../src/lib/images/manifest.ts'
import type {ImageStore} from '../../../src/lib/ports/images.ts'
import {openRegistry} from '../../../src/lib/registry/open-registry.ts'
import {answer, scriptedServer, type Script} from './scripted-server.ts'
import {quick, scratchFolder} from './settings.ts'

const LAYER = Buffer.from('layer')
const descriptor = {mediaType: 'application/octet-stream', digest: digestOf(LAYER), size: LAYER.byteLength}
const INDEX = answer(200, '{"schemaVersion":2,"manifests":[]}', {'content-type': MEDIA_TYPES.index})
const TAGGED = 'GET /v2/app/manifests/v1'
const USER = Buffer.from('ada:lace').toString('base64')

describe('logging in to a registry', () => {
  const registry = scriptedServer()
  const other = scriptedServer()

  const open = (config?: unknown): ImageStore => {
    const dockerConfig = join(scratchFolder(), 'config.json')
    if (config !== undefined) writeFileSync(dockerConfig, typeof config === 'string' ? config : JSON.stringify(config))
    return openRegistry(`${registry.host}/app`, {...quick(), dockerConfig})
  }
  const withLogin = (): ImageStore => open({auths: {[registry.host]: {auth: USER}}})

  it('nothing is sent before it is asked for', async () => {
    registry.on(TAGGED, INDEX)
    await withLogin().resolve('v1')
    assert.deepEqual(
      registry.seen.map(({authorization}) => authorization),
      [undefined],
    )
  })

  it('Basic, and then at once', async () => {
    registry.on(
      TAGGED,
      askFor(() => 'Basic realm="r"', `Basic ${USER}`, INDEX),
    )
    const store = withLogin()
    await store.resolve('v1')
    await store.resolve('v1')
    assert.deepEqual(
      registry.seen.map(({authorization}) => authorization),
      [undefined, `Basic ${USER}`, `Basic ${USER}`],
    )
  })

  it('a token, with the login for it, once for many requests at the same time', async () => {
    registry.on(
      TAGGED,
      askFor(() => bearer(`http://${registry.host}/token`), 'Bearer t0k3n', INDEX),
    )
    registry.on('GET /token?service=reg&scope=repository%3Aapp%3Apull', answer(200, '{"token":"t0k3n"}'))
    const store = withLogin()
    await Promise.all(Array.from({length: 5}, () => store.resolve('v1')))
    const asked = registry.seen.filter(({line}) => line.startsWith('GET /token'))
    assert.deepEqual(
      asked.map(({authorization}) => authorization),
      [`Basic ${USER}`],
    )
  })

  it('a token without a login', async () => {
    registry.on(
      TAGGED,
      askFor(() => `Basic realm="x", ${bearer(`http://${registry.host}/token`)}`, 'Bearer anon', INDEX),
    )
    registry.on('GET /token?service=reg&scope=repository%3Aapp%3Apull', answer(200, '{"access_token":"anon"}'))
    await open().resolve('v1')
    assert.ok(registry.seen.every(({authorization}) => authorization === undefined || authorization === 'Bearer anon'))
  })

  it('an expired token is replaced', async () => {
    let valid = 'Bearer one'
    registry.on(TAGGED, (...args) => askFor(() => bearer(`http://${registry.host}/token`), valid, INDEX)(...args))
    registry.on('GET /token?service=reg&scope=repository%3Aapp%3Apull', (request, response, count) =>
      answer(200, JSON.stringify({token: count === 1 ? 'one' : 'two'}))(request, response, count),
    )
    const store = open()
    await store.resolve('v1')
    valid = 'Bearer two'
    await store.resolve('v1')
    assert.equal(registry.seen.at(-1)?.authorization, 'Bearer two')
  })

  const refusals: [string, () => string, unknown, RegExp][] = [
    ['no login where one is needed', () => 'Basic realm="r"', undefined, /asks for a login/],
    ['a login that is not accepted', () => 'Basic realm="r"', 'own', /401/],
    ['an unknown scheme', () => 'Negotiate', 'own', /not known/],
    ['a helper for this registry', () => 'Basic realm="r"', 'helper', /docker-credential-vault/],
    ['a store for all of them', () => 'Basic realm="r"', {credsStore: 'keychain'}, /docker-credential-keychain/],
    ['an identity token', () => 'Basic realm="r"', 'identity', /identity token/],
    ["another registry's login", () => 'Basic realm="r"', {auths: {'other.example': {auth: USER}}}, /no entry/],
    ['a config that is no JSON', () => 'Basic realm="r"', '{"auths": SECRET', /not Docker's config\.json/],
    ['an entry that is no base64 of USER:PASSWORD', () => 'Basic realm="r"', 'odd', /USER:PASSWORD/],
  ]
  for (const [what, challenge, config, message] of refusals) {
    it(`is refused with ${what}`, async () => {
      registry.on(TAGGED, answer(401, '', {'www-authenticate': challenge()}))
      const named: Record<string, unknown> = {
        own: {auths: {[`https://${registry.host}/v1/`]: {username: 'ada', password: 'lace'}}},
        helper: {credHelpers: {[registry.host]: 'vault'}},
        identity: {auths: {[registry.host]: {identitytoken: 'x'}}},
        odd: {auths: {[registry.host]: {auth: 'AAAA'}}},
      }
      await assert.rejects(open(typeof config === 'string' && config in named ? named[config] : config).resolve('v1'), (error: Error) => {
        assert.equal('code' in error && error.code, 'registry.refused')
        assert.match(error.message, message)
        assert.doesNotMatch(error.message, /lace|SECRET/)
        return true
      })
    })
  }

  for (const [what, body, code] of [
    ['no JSON', '<html>', 'registry.protocol'],
    ['no token', '{}', 'registry.protocol'],
    ['a token that would break a header', JSON.stringify({token: 'a\r\nx-evil: 1'}), 'registry.protocol'],
  ] as const) {
    it(`is not fooled by a token server with ${what}`, async () => {
      registry.on(TAGGED, answer(401, '', {'www-authenticate': bearer(`http://${registry.host}/token`)}))
      registry.on('GET /token?service=reg&scope=repository%3Aapp%3Apull', answer(200, body))
      await assert.rejects(open().resolve('v1'), {code})
    })
  }

  for (const realm of ['http://192.0.2.1/token', 'ftp://192.0.2.1/', 'token', 'https://a:b@192.0.2.1/']) {
    it(`sends no login to ${realm}`, async () => {
      registry.on(TAGGED, answer(401, '', {'www-authenticate': bearer(realm)}))
      await assert.rejects(withLogin().resolve('v1'), {code: 'registry.protocol'})
    })
  }

  it('credentials do not follow a redirect to another server, not even back again', async () => {
    const blob = `/v2/app/blobs/${descriptor.digest}`
    registry.on(
      `GET ${blob}`,
      askFor(
        () => 'Basic realm="r"',
        `Basic ${USER}`,
        (...args) => answer(307, '', {location: `http://${other.host}/store/1`})(...args),
      ),
    )
    other.on('GET /store/1', (...args) => answer(302, '', {location: `http://${registry.host}/store/2`})(...args))
    registry.on('GET /store/2', answer(200, LAYER))
    assert.equal(Buffer.from(await withLogin().blob(descriptor)).toString(), 'layer')
    assert.deepEqual(
      [...other.seen, ...registry.seen.filter(({line}) => line === 'GET /store/2')].map(({authorization}) => authorization),
      [undefined, undefined],
    )
  })

  it('another server that asks for a login gets none', async () => {
    registry.on(TAGGED, (...args) => answer(307, '', {location: `http://${other.host}/x`})(...args))
    other.on('GET /x', answer(401, '', {'www-authenticate': 'Basic realm="r"'}))
    await assert.rejects(withLogin().resolve('v1'), {code: 'registry.refused'})
    assert.deepEqual(
      other.seen.map(({authorization}) => authorization),
      [undefined],
    )
  })

  it('a token server is not followed elsewhere', async () => {
    registry.on(TAGGED, answer(401, '', {'www-authenticate': bearer(`http://${registry.host}/token`)}))
    registry.on('GET /token?service=reg&scope=repository%3Aapp%3Apull', (...args) => answer(307, '', {location: `http://${other.host}/token`})(...args))
    await assert.rejects(withLogin().resolve('v1'), {code: 'registry.protocol'})
    assert.equal(other.seen.length, 0)
  })
})

function bearer(realm: string): string {
  return `Bearer realm="${realm}",service="reg",scope="repository:app:pull"`
}

/** A challenge until the right header comes. */
function askFor(challenge: () => string, wanted: string, then: Script): Script {
  return (request, response, count) =>
    (request.headers.authorization === wanted ? then : answer(401, '', {'www-authenticate': challenge()}))(request, response, count)
}

/** Who is asked for a login, in which order, and what becomes of an identity token. All logins are invented. */
import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {AppError} from '../../../src/lib/errors.ts'
import {MEDIA_TYPES} from '../../../src/lib/images/manifest.ts'
import type {Credentials, FoundCredentials} from '../../../src/lib/ports/credentials.ts'
import {findCredentials} from '../../../src/lib/registry/credentials.ts'
import {openRegistry} from '../../../src/lib/registry/open-registry.ts'
import {answer, scriptedServer} from './scripted-server.ts'
import {quick, scratchFolder} from './settings.ts'

const ADA = {kind: 'password', username: 'ada', password: 'lace'} as const
const AUTH = Buffer.from('bob:builder').toString('base64')
const BOB = {kind: 'password', username: 'bob', password: 'builder'} as const

function dockerConfig(config: unknown): string {
  const path = join(scratchFolder(), 'config.json')
  writeFileSync(path, JSON.stringify(config))
  return path
}

describe('the login for a host', () => {
  let asked: string[]
  beforeEach(() => {
    asked = []
  })
  const find = (host: string, config: unknown, found: Credentials | 'none' = ADA): Promise<FoundCredentials> =>
    findCredentials(host, {
      dockerConfig: dockerConfig(config),
      askHelper: async (helper, server) => {
        asked.push(`${helper} ${server}`)
        return found === 'none' ? undefined : found
      },
    })

  it('comes from the helper of that host, before all else', async () => {
    const config = {credHelpers: {'r.example': 'own'}, credsStore: 'all', auths: {'r.example': {auth: AUTH}}}
    assert.deepEqual((await find('r.example', config)).credentials, ADA)
    assert.deepEqual(asked, ['own r.example'])
  })

  it('is none where that helper has none: no other is asked', async () => {
    const config = {credHelpers: {'r.example': 'own'}, credsStore: 'all', auths: {'r.example': {auth: AUTH}}}
    const found = await find('r.example', config, 'none')
    assert.equal(found.credentials, undefined)
    assert.match(found.hint ?? '', /docker-credential-own has no login for r\.example/)
    assert.deepEqual(asked, ['own r.example'])
  })

  it('else from the entry, else from the store of all', async () => {
    const config = {credHelpers: {'other.example': 'own'}, credsStore: 'all', auths: {'r.example': {auth: AUTH}, 's.example': {}}}
    assert.deepEqual((await find('r.example', config)).credentials, BOB)
    assert.deepEqual(asked, [])
    assert.deepEqual((await find('s.example', config)).credentials, ADA)
    assert.deepEqual(asked, ['all s.example'])
  })

  it('of Docker Hub is asked for by its old name', async () => {
    await find('docker.io', {credsStore: 'all'})
    await find('docker.io', {credHelpers: {'https://index.docker.io/v1/': 'hub'}})
    assert.deepEqual(asked, ['all https://index.docker.io/v1/', 'hub https://index.docker.io/v1/'])
  })

  it('that cannot be asked for is an error, not anonymous', async () => {
    const fails = findCredentials('r.example', {
      dockerConfig: dockerConfig({credsStore: 'all'}),
      askHelper: () => Promise.reject(new AppError('registry.refused', 'it failed')),
    })
    await assert.rejects(fails, {code: 'registry.refused'})
  })

  it('may be an identity token', async () => {
    const {credentials} = await find('r.example', {
      auths: {'r.example': {auth: Buffer.from('00000000-0000-0000-0000-000000000000:').toString('base64'), identitytoken: 't'}},
    })
    assert.deepEqual(credentials, {kind: 'identity-token', token: 't'})
  })
})

describe('an identity token', () => {
  const registry = scriptedServer()
  const TAGGED = 'GET /v2/app/manifests/v1'
  const resolve = (): Promise<unknown> =>
    openRegistry(`${registry.host}/app`, {...quick(), dockerConfig: dockerConfig({auths: {[registry.host]: {identitytoken: 'r3fresh'}}})}).resolve('v1')
  const wants =
    (token: string): Parameters<typeof registry.on>[1] =>
    (...args) => {
      const challenge = `Bearer realm="http://${registry.host}/token",service="reg",scope="repository:app:pull"`
      const isGood = args[0].headers.authorization === `Bearer ${token}`
      ;(isGood ? answer(200, '{"schemaVersion":2,"manifests":[]}', {'content-type': MEDIA_TYPES.index}) : answer(401, '', {'www-authenticate': challenge}))(
        ...args,
      )
    }

  it('is exchanged by POST, in the body and nowhere else', async () => {
    registry.on(TAGGED, wants('access'))
    const forms: string[] = []
    registry.on('POST /token', (request, response) => {
      request.on('data', (chunk: Buffer) => forms.push(chunk.toString()))
      request.on('end', () => response.writeHead(200, {'content-type': 'application/json'}).end('{"access_token":"access"}'))
    })
    await resolve()
    assert.deepEqual(Object.fromEntries(new URLSearchParams(forms.join(''))), {
      grant_type: 'refresh_token',
      client_id: 'hipaa-ci',
      service: 'reg',
      refresh_token: 'r3fresh',
      scope: 'repository:app:pull',
    })
    assert.ok(registry.seen.every(({line, authorization}) => !line.includes('r3fresh') && authorization?.includes('r3fresh') !== true))
  })

  for (const [status, code] of [
    [400, 'registry.refused'],
    [401, 'registry.refused'],
    [404, 'registry.refused'],
    [503, 'registry.unreachable'],
    [307, 'registry.protocol'],
  ] as const) {
    it(`${status}: ${code}, and its text is not told`, async () => {
      registry.on(TAGGED, wants('access'))
      registry.on('POST /token', answer(status, '', {location: '/elsewhere'}))
      await assert.rejects(resolve(), (error) => error instanceof AppError && error.code === code && !error.message.includes('r3fresh'))
    })
  }

  it('is not sent as a password', async () => {
    registry.on(TAGGED, answer(401, '', {'www-authenticate': 'Basic realm="r"'}))
    await assert.rejects(resolve(), {code: 'registry.refused', message: /identity token/})
    assert.ok(registry.seen.every(({authorization}) => authorization === undefined))
  })
})

/** Between two repositories of one registry a blob is linked, not sent. */
import assert from 'node:assert/strict'
import {digestOf} from '../../../src/lib/images/manifest.ts'
import {openRegistry} from '../../../src/lib/registry/open-registry.ts'
import {answer, scriptedServer, type Script} from './scripted-server.ts'
import {quick} from './settings.ts'

const BLOB = Buffer.from('layer')
const descriptor = {mediaType: 'application/octet-stream', digest: digestOf(BLOB), size: BLOB.byteLength}
const HEAD = `HEAD /v2/production/app/blobs/${descriptor.digest}`
const MOUNT = `POST /v2/production/app/blobs/uploads/?mount=${encodeURIComponent(descriptor.digest)}&from=staging%2Fapp`
const POST = 'POST /v2/production/app/blobs/uploads/'
const CLOSE = `PUT /u/1?digest=${encodeURIComponent(descriptor.digest)}`

describe('a blob that the registry has in another repository', () => {
  const registry = scriptedServer()

  const push = async (from?: string) => {
    let read = 0
    const store = openRegistry(`${registry.host}/production/app`, quick())
    const source = async function* () {
      read += 1
      yield BLOB
    }
    return {outcome: await store.pushBlobStream(descriptor, source, from), read}
  }
  const beside = () => `${registry.host}/staging/app`
  const takesUploads = (): void => {
    registry.on('PATCH /u/1', answer(202, '', {location: '/u/1'}))
    registry.on(CLOSE, answer(201))
  }
  beforeEach(() => registry.on(HEAD, answer(404)))

  it('201: it is linked, and nothing is read', async () => {
    registry.on(MOUNT, answer(201, '', {location: '/v2/production/app/blobs/x'}))
    assert.deepEqual(await push(beside()), {outcome: 'mounted', read: 0})
  })

  it('202: it is sent into the session that was opened', async () => {
    registry.on(MOUNT, answer(202, '', {location: '/u/1'}))
    takesUploads()
    assert.deepEqual(await push(beside()), {outcome: 'written', read: 1})
  })

  for (const status of [403, 404, 405]) {
    it(`${status}: it is sent as if nobody had asked`, async () => {
      registry.on(MOUNT, answer(status))
      registry.on(POST, answer(202, '', {location: '/u/1'}))
      takesUploads()
      assert.deepEqual(await push(beside()), {outcome: 'written', read: 1})
    })
  }

  it('a registry out of order is not a registry that cannot link', async () => {
    registry.on(MOUNT, answer(500))
    await assert.rejects(push(beside()), {code: 'registry.unreachable'})
  })

  for (const [what, from] of [
    ['another registry', () => 'registry.example.com/staging/app'],
    ['the same repository', () => `${registry.host}/production/app`],
    ['nowhere', () => undefined],
  ] as const) {
    it(`is not asked for from ${what}`, async () => {
      registry.on(POST, answer(202, '', {location: '/u/1'}))
      takesUploads()
      assert.deepEqual(await push(from()), {outcome: 'written', read: 1})
    })
  }

  it('asks in one token for both repositories, also where the last token is good for one', async () => {
    const tokens: Record<string, string> = {
      'repository:production/app:pull': 'pull',
      'repository:production/app:pull repository:staging/app:pull': 'early',
      'repository:production/app:pull,push repository:staging/app:pull': 'both',
    }
    const needs =
      (token: string, scope: string, then: Script): Script =>
      (...args) => {
        const challenge = `Bearer realm="http://${registry.host}/token",service="reg",scope="${scope}"`
        const isGood = args[0].headers.authorization === `Bearer ${token}`
        ;(isGood ? then : answer(401, '', {'www-authenticate': challenge}))(...args)
      }
    for (const [scopes, token] of Object.entries(tokens)) registry.on(tokenLine(scopes), answer(200, JSON.stringify({token})))
    registry.on(HEAD, needs('pull', 'repository:production/app:pull', answer(404)))
    registry.on(MOUNT, needs('both', 'repository:production/app:pull,push', answer(201)))
    assert.deepEqual(await push(beside()), {outcome: 'mounted', read: 0})
  })
})

/** The request for a token, each scope in a parameter of its own. */
function tokenLine(scopes: string): string {
  return `GET /token?service=reg${scopes
    .split(' ')
    .map((scope) => `&scope=${encodeURIComponent(scope)}`)
    .join('')}`
}

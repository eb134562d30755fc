/** What a registry, or whoever stands in its place, may answer. "Not there" is only ever a clear 404. */
import assert from 'node:assert/strict'
import {pipeline} from 'node:stream'
import {gzipSync} from 'node:zlib'
import {AppError, type ReasonCode} from '../../../src/lib/errors.ts'
import {MEDIA_TYPES, digestOf} from '../../../src/lib/images/manifest.ts'
import type {ImageStore} from '../../../src/lib/ports/images.ts'
import {openRegistry} from '../../../src/lib/registry/open-registry.ts'
import {answer, scriptedServer, type Script} from './scripted-server.ts'
import {quick} from './settings.ts'

const BLOB = Buffer.from('layer')
const CONFIG = Buffer.from('{}')
const descriptor = {mediaType: 'application/octet-stream', digest: digestOf(BLOB), size: BLOB.byteLength}
const MANIFEST = Buffer.from(
  JSON.stringify({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: {mediaType: MEDIA_TYPES.config, digest: digestOf(CONFIG), size: CONFIG.byteLength},
    layers: [{...descriptor, mediaType: MEDIA_TYPES.layer}],
  }),
)
const DIGEST = digestOf(MANIFEST)
const TAGGED = 'GET /v2/app/manifests/latest'
const LISTED = `GET /v2/app/referrers/${DIGEST}`
const FALLBACK = `GET /v2/app/manifests/${DIGEST.replace(':', '-')}`
const STORED = `GET /v2/app/blobs/${descriptor.digest}`
const TYPE = {'content-type': MEDIA_TYPES.manifest}
const INDEX = {'content-type': MEDIA_TYPES.index}
const PAGE = {'content-type': 'text/html; charset=utf-8'}

/** Never answers. */
const silence: Script = () => {}
const hangUp: Script = (request) => request.socket.destroy()

describe('a registry that answers', () => {
  const scripted = scriptedServer()
  let store: ImageStore
  beforeEach(() => {
    store = openRegistry(`${scripted.host}/app`, quick())
  })

  describe('for a manifest', () => {
    const cases: [string, Script, ReasonCode][] = [
      ['401 without a challenge', answer(401), 'registry.refused'],
      ['403', answer(403, '{"errors":[{"code":"DENIED","message":"no\\u001b[31m"}]}'), 'registry.refused'],
      ['404', answer(404, '{"errors":[{"code":"MANIFEST_UNKNOWN"}]}', {'content-type': 'application/json'}), 'image.not-found'],
      ['404 with a web page', answer(404, '<html>', PAGE), 'registry.protocol'],
      ['a login page', answer(200, '<html>', PAGE), 'registry.protocol'],
      ['no content type', answer(200, MANIFEST), 'registry.protocol'],
      ['plain JSON', answer(200, MANIFEST, {'content-type': 'application/json'}), 'registry.protocol'],
      [
        'a manifest of the first schema',
        answer(200, MANIFEST, {'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws'}),
        'image.unsupported',
      ],
      ['another type than it says', answer(200, MANIFEST, {'content-type': MEDIA_TYPES.dockerManifest}), 'image.unsupported'],
      ['another digest than it says', answer(200, MANIFEST, {...TYPE, 'docker-content-digest': descriptor.digest}), 'image.corrupt'],
      [
        'two digests',
        (_request, response) =>
          void response.writeHead(200, [...Object.entries(TYPE), ...[DIGEST, DIGEST].map((digest) => ['docker-content-digest', digest])].flat()).end(MANIFEST),
        'image.corrupt',
      ],
      ['a coding that was not asked for', answer(200, gzipSync(MANIFEST), {...TYPE, 'content-encoding': 'gzip'}), 'registry.protocol'],
      ['204', answer(204), 'registry.protocol'],
      ['405', answer(405), 'registry.refused'],
      ['429', answer(429), 'registry.unreachable'],
      ['500', answer(500), 'registry.unreachable'],
      ['503 with a page', answer(503, '<html>', PAGE), 'registry.unreachable'],
      ['nothing', silence, 'registry.unreachable'],
      ['a broken connection', hangUp, 'registry.unreachable'],
      ['a redirect to nowhere', answer(302), 'registry.protocol'],
      ['a redirect in circles', answer(302, '', {location: '/v2/app/manifests/latest'}), 'registry.protocol'],
      ['a redirect to plain HTTP elsewhere', answer(302, '', {location: 'http://192.0.2.1/x'}), 'registry.protocol'],
      ['a redirect to a file', answer(302, '', {location: 'file:///etc/passwd'}), 'registry.protocol'],
      ['a redirect with credentials', answer(302, '', {location: 'https://user:secret@192.0.2.1/x'}), 'registry.protocol'],
    ]
    for (const [what, script, code] of cases) {
      it(`${what}: ${code}`, async () => {
        scripted.on(TAGGED, script)
        await assert.rejects(store.resolve('latest'), (error) => error instanceof AppError && error.code === code && /^[\x20-\x7e]*$/.test(error.message))
      })
    }

    it('a body that never ends is cut off', async () => {
      scripted.on(TAGGED, (_request, response) => {
        response.writeHead(200, TYPE)
        pipeline(endless(), response, () => {})
      })
      await assert.rejects(store.resolve('latest'), {code: 'registry.limit'})
    })

    it('a body that is announced too large is not read', async () => {
      scripted.on(TAGGED, (_request, response) => void response.writeHead(200, {...TYPE, 'content-length': '99999999999'}).write('{'))
      await assert.rejects(store.resolve('latest'), {code: 'registry.limit'})
    })

    it('another manifest under a digest is corrupt', async () => {
      scripted.on(`GET /v2/app/manifests/${descriptor.digest}`, answer(200, MANIFEST, TYPE))
      await assert.rejects(store.resolve(descriptor.digest), {code: 'image.corrupt'})
    })

    it('a refused connection is unreachable, and says so', async () => {
      await assert.rejects(openRegistry('127.0.0.1:1/app', quick()).resolve('latest'), {
        code: 'registry.unreachable',
        message: /127\.0\.0\.1:1 cannot be reached/,
      })
    })

    it('a bad moment passes', async () => {
      scripted.on(TAGGED, (request, response, count) =>
        (count < 3 ? answer(503, '', {'retry-after': '0'}) : answer(200, MANIFEST, TYPE))(request, response, count),
      )
      assert.equal((await store.resolve('latest')).descriptor.digest, DIGEST)
      assert.equal(scripted.seen.length, 3)
    })

    it('a long Retry-After is not waited for', async () => {
      scripted.on(TAGGED, answer(429, '', {'retry-after': '3600'}))
      await assert.rejects(store.resolve('latest'), {code: 'registry.unreachable', message: /429/})
      assert.equal(scripted.seen.length, 1)
    })

    it('what is neither tag nor digest never becomes an address', async () => {
      for (const reference of ['', '../../x', 'a/b', 'a?b', 'sha256:abc']) await assert.rejects(store.resolve(reference), {code: 'usage.target'})
      assert.equal(scripted.seen.length, 0)
    })
  })

  describe('for what is attached', () => {
    for (const [status, code] of [
      [401, 'registry.refused'],
      [403, 'registry.refused'],
      [400, 'registry.refused'],
      [429, 'registry.unreachable'],
      [500, 'registry.unreachable'],
      [204, 'registry.protocol'],
    ] as const) {
      it(`${status} is an error, never "nothing"`, async () => {
        scripted.on(LISTED, answer(status))
        await assert.rejects(store.referrers(DIGEST), {code})
      })
    }

    it('404, even as a page, leads to the fallback tag; a clear 404 there means nothing', async () => {
      scripted.on(LISTED, answer(404, '<html>', PAGE))
      scripted.on(FALLBACK, answer(404))
      assert.deepEqual(await store.referrers(DIGEST), [])
    })

    for (const [what, script, code] of [
      ['a page', answer(404, '<html>', PAGE), 'registry.protocol'],
      ['500', answer(500), 'registry.unreachable'],
      ['403', answer(403), 'registry.refused'],
      ['an image', answer(200, MANIFEST, TYPE), 'registry.protocol'],
    ] as [string, Script, ReasonCode][]) {
      it(`${what} under the fallback tag is an error`, async () => {
        scripted.on(LISTED, answer(404))
        scripted.on(FALLBACK, script)
        await assert.rejects(store.referrers(DIGEST), {code})
      })
    }

    for (const [what, body, headers] of [
      ['a login page', '<html>', PAGE],
      ['plain JSON', list(1), {'content-type': 'application/json'}],
      ['no list', '{"schemaVersion":2}', INDEX],
      ['an entry with a path for a digest', list(1).replace('sha256:', 'sha256:../'), INDEX],
      ['half a list', list(3).slice(0, -9), INDEX],
    ] as const) {
      it(`200 with ${what} is an error`, async () => {
        scripted.on(LISTED, answer(200, body, headers))
        await assert.rejects(store.referrers(DIGEST), {code: 'registry.protocol'})
      })
    }

    it('follows pages', async () => {
      scripted.on(LISTED, answer(200, list(2), {...INDEX, link: `</v2/app/referrers/${DIGEST}?last=2>; rel="next"`}))
      scripted.on(`${LISTED}?last=2`, answer(200, list(1), INDEX))
      assert.equal((await store.referrers(DIGEST)).length, 3)
    })

    it('a page that is lost is an error, not an end', async () => {
      scripted.on(LISTED, answer(200, list(2), {...INDEX, link: `</v2/app/referrers/${DIGEST}?last=2>; rel="next"`}))
      scripted.on(`${LISTED}?last=2`, answer(404))
      await assert.rejects(store.referrers(DIGEST), {code: 'registry.protocol'})
    })

    it('pages in a circle', async () => {
      scripted.on(LISTED, answer(200, list(1), {...INDEX, link: `</v2/app/referrers/${DIGEST}>; rel=next`}))
      await assert.rejects(store.referrers(DIGEST), {code: 'registry.limit'})
    })

    it('pages without end', async () => {
      const next =
        (page: number): Script =>
        (request, response, count) => {
          scripted.on(`${LISTED}?page=${page + 1}`, next(page + 1))
          answer(200, list(1), {...INDEX, link: `<?page=${page + 1}>; rel="next"`})(request, response, count)
        }
      scripted.on(LISTED, next(0))
      await assert.rejects(store.referrers(DIGEST), {code: 'registry.limit'})
    })

    it('a page on another server', async () => {
      scripted.on(LISTED, answer(200, list(1), {...INDEX, link: '<https://192.0.2.1/next>; rel="next"'}))
      await assert.rejects(store.referrers(DIGEST), {code: 'registry.protocol'})
    })

    it('10,000 entries, in one list or under the fallback tag', async () => {
      scripted.on(LISTED, answer(200, list(10_000), INDEX))
      await assert.rejects(store.referrers(DIGEST), {code: 'referrers.too-many'})
      scripted.on(LISTED, answer(404))
      scripted.on(FALLBACK, answer(200, list(10_000), INDEX))
      await assert.rejects(store.referrers(DIGEST), {code: 'referrers.too-many'})
    })

    it('as many entries as are safe to read, and one more', async () => {
      scripted.on(LISTED, answer(200, list(500), INDEX))
      assert.equal((await store.referrers(DIGEST)).length, 500)
      scripted.on(LISTED, answer(200, list(501), INDEX))
      await assert.rejects(store.referrers(DIGEST), {code: 'referrers.too-many', message: /more than 500 artifacts/})
    })

    it('10,000 entries in pages: reading ends with the page that is too much', async () => {
      const page =
        (number: number): Script =>
        (...args) => {
          scripted.on(`${LISTED}?page=${number + 1}`, page(number + 1))
          answer(200, list(100), {...INDEX, link: `<?page=${number + 1}>; rel="next"`})(...args)
        }
      scripted.on(LISTED, page(0))
      await assert.rejects(store.referrers(DIGEST), {code: 'referrers.too-many'})
      assert.equal(scripted.seen.length, 6)
    })

    it('a list of more bytes than are held, announced or not', async () => {
      const long = Buffer.from(list(40_000))
      for (const script of [answer(200, long, INDEX), answer(200, long, {...INDEX, 'content-length': String(long.byteLength)})]) {
        scripted.on(LISTED, script)
        await assert.rejects(store.referrers(DIGEST), {code: 'referrers.too-many'})
      }
      scripted.on(LISTED, answer(404))
      scripted.on(FALLBACK, answer(200, long, INDEX))
      await assert.rejects(store.referrers(DIGEST), {code: 'referrers.too-many'})
    })
  })

  describe('for a blob', () => {
    const cases: [string, Script, ReasonCode][] = [
      ['404', answer(404), 'image.corrupt'],
      ['other bytes', answer(200, 'LAYER'), 'image.corrupt'],
      ['fewer bytes', answer(200, 'laye'), 'image.corrupt'],
      ['more bytes', answer(200, 'layer!'), 'image.corrupt'],
      ['many more bytes', answer(200, Buffer.alloc(300_000)), 'image.corrupt'],
      ['a login page', answer(200, '<html>', PAGE), 'registry.protocol'],
      ['403', answer(403), 'registry.refused'],
      ['500', answer(500), 'registry.unreachable'],
      ['silence', silence, 'registry.unreachable'],
    ]
    for (const [what, script, code] of cases) {
      it(`${what}: ${code}`, async () => {
        scripted.on(STORED, script)
        await assert.rejects(store.blob(descriptor), {code})
      })
    }

    it('goes on where a connection broke', async () => {
      scripted.on(STORED, (request, response, count) => {
        if (count === 1) response.writeHead(200, {'content-length': '5'}).write('la', () => setImmediate(() => request.socket.destroy()))
        else answer(206, 'yer', {'content-range': 'bytes 2-4/5'})(request, response, count)
      })
      assert.equal(Buffer.from(await store.blob(descriptor)).toString(), 'layer')
      assert.equal(scripted.seen.at(-1)?.range, 'bytes=2-')
    })

    it('skips what it has where the server knows no ranges', async () => {
      scripted.on(STORED, (request, response, count) => {
        if (count === 1) response.writeHead(200, {'content-length': '5'}).write('la', () => setImmediate(() => request.socket.destroy()))
        else answer(200, 'layer')(request, response, count)
      })
      assert.equal(Buffer.from(await store.blob(descriptor)).toString(), 'layer')
    })

    it('another part than asked for is an error', async () => {
      scripted.on(STORED, (request, response, count) => {
        if (count === 1) response.writeHead(200, {'content-length': '5'}).write('la', () => setImmediate(() => request.socket.destroy()))
        else answer(206, 'lay', {'content-range': 'bytes 0-2/5'})(request, response, count)
      })
      await assert.rejects(store.blob(descriptor), {code: 'registry.protocol'})
    })

    it('is not held where it is too big', async () => {
      await assert.rejects(store.blob({...descriptor, size: 2 ** 40}), {code: 'registry.limit'})
      assert.equal(scripted.seen.length, 0)
    })
  })

  describe('for an upload', () => {
    const HEAD = `HEAD /v2/app/blobs/${descriptor.digest}`
    const POST = 'POST /v2/app/blobs/uploads/'
    const cases: [string, Record<string, Script>, ReasonCode][] = [
      ['HEAD 401', {[HEAD]: answer(401)}, 'registry.refused'],
      ['HEAD 500', {[HEAD]: answer(500)}, 'registry.unreachable'],
      ['HEAD with a page', {[HEAD]: answer(200, '', PAGE)}, 'registry.protocol'],
      ['no place', {[HEAD]: answer(404), [POST]: answer(202)}, 'registry.protocol'],
      ['a place on another server', {[HEAD]: answer(404), [POST]: answer(202, '', {location: 'https://192.0.2.1/u'})}, 'registry.protocol'],
      ['a redirect', {[HEAD]: answer(404), [POST]: answer(307, '', {location: '/elsewhere'})}, 'registry.protocol'],
      [
        'a refused digest',
        {[HEAD]: answer(404), [POST]: answer(202, '', {location: '/u?s=1'}), [`PUT /u?s=1&digest=${encodeURIComponent(descriptor.digest)}`]: answer(400)},
        'registry.refused',
      ],
    ]
    for (const [what, scripts, code] of cases) {
      it(`${what}: ${code}`, async () => {
        for (const [line, script] of Object.entries(scripts)) scripted.on(line, script)
        await assert.rejects(store.pushBlob(BLOB), {code})
      })
    }

    it('an answer before the end of what is sent ends the sending, and closes its source', async () => {
      scripted.on(HEAD, answer(404))
      scripted.on(POST, answer(202, '', {location: '/u'}))
      scripted.on('PATCH /u', (_request, response) => void response.writeHead(413).end())
      const big = {...descriptor, size: 2 ** 40}
      const closed = Promise.withResolvers<void>()
      async function* source(): AsyncGenerator<Uint8Array> {
        try {
          yield* endless()
        } finally {
          closed.resolve()
        }
      }
      await assert.rejects(store.pushBlobStream(big, source), {code: 'registry.refused', message: /413/})
      await closed.promise
    })

    it('a blob of another length under our digest is not taken for ours', async () => {
      scripted.on(HEAD, answer(200, '', {'content-length': '4'}))
      scripted.on(POST, answer(202, '', {location: '/u'}))
      scripted.on(`PUT /u?digest=${encodeURIComponent(descriptor.digest)}`, answer(201))
      assert.equal((await store.pushBlob(BLOB)).digest, descriptor.digest)
      assert.equal(scripted.seen.length, 3)
    })

    it('a manifest that is stored under another digest', async () => {
      scripted.on(`PUT /v2/app/manifests/${DIGEST}`, answer(201, '', {'docker-content-digest': descriptor.digest}))
      await assert.rejects(store.pushManifest(MANIFEST, MEDIA_TYPES.manifest), {code: 'registry.protocol'})
    })

    it('an attachment that the registry takes and never lists', async () => {
      scripted.on(LISTED, answer(200, list(0), INDEX))
      await assert.rejects(store.linkReferrers({...descriptor, digest: DIGEST}, [descriptor]), {code: 'registry.referrer-lost', message: /does not list/})
    })

    it('a fallback tag that loses what is written', async () => {
      scripted.on(LISTED, answer(404))
      scripted.on(FALLBACK, answer(404))
      scripted.on(FALLBACK.replace('GET', 'PUT'), answer(201))
      await assert.rejects(store.linkReferrers({...descriptor, digest: DIGEST}, [descriptor]), {code: 'registry.referrer-lost', message: /does not list/})
    })
  })
})

function* endless(): Generator<Uint8Array> {
  for (;;) yield Buffer.alloc(65_536, 32)
}

function list(count: number): string {
  const manifests = Array.from({length: count}, (_, n) => ({mediaType: MEDIA_TYPES.manifest, digest: `sha256:${n.toString(16).padStart(64, '0')}`, size: 1}))
  return JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests})
}

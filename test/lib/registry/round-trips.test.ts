/** What a verification costs a registry: how many times it has to be waited for, and how many requests and connections at once. */
import assert from 'node:assert/strict'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {MEDIA_TYPES, digestOf} from '../../../src/lib/images/manifest.ts'
import type {Descriptor} from '../../../src/lib/ports/images.ts'
import {openRegistry} from '../../../src/lib/registry/open-registry.ts'
import {answer, scriptedServer} from './scripted-server.ts'
import {quick} from './settings.ts'

const COUNT = 20
const blobs = Array.from({length: COUNT}, (_, number) => Buffer.from(`bundle ${number}`))
const image = manifest([])
const referrers = blobs.map((blob) => manifest([{mediaType: 'application/octet-stream', digest: digestOf(blob), size: blob.byteLength}], digestOf(image)))
const list = Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: referrers.map((bytes) => described(bytes))}))

const CONTENT = new Map<string, readonly [string, Buffer]>([
  ...[image, ...referrers].map((bytes) => [`/v2/app/manifests/${digestOf(bytes)}`, [MEDIA_TYPES.manifest, bytes]] as const),
  ...blobs.map((bytes) => [`/v2/app/blobs/${digestOf(bytes)}`, ['application/octet-stream', bytes]] as const),
  [`/v2/app/referrers/${digestOf(image)}`, [MEDIA_TYPES.index, list]],
])

/**
 * Promise: answers nothing of a wave before all requests of it are there, so a client that asks one after the other
 * never gets an answer and fails by its own bound; keeps the greatest number of requests that were open at once.
 */
class CountingServer {
  /** Sizes of the waves to wait for; requests beyond them are answered at once. */
  waves: number[] = []
  token: string | undefined
  asked: string[] = []
  connections = 0
  most = 0
  host = ''
  readonly #held: (() => void)[] = []
  #open = 0
  readonly #server = createServer((request, response) => this.#serve(request, response)).on('connection', () => (this.connections += 1))

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    this.host = `127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    this.asked.push(`${request.method} ${request.url}`)
    this.#open += 1
    this.most = Math.max(this.most, this.#open)
    this.#held.push(() => {
      this.#open -= 1
      this.#answer(request, response)
    })
    const [wave] = this.waves
    if (wave !== undefined && this.#held.length < wave) return
    this.waves.shift()
    for (const release of this.#held.splice(0)) release()
  }

  #answer({url = '', headers}: IncomingMessage, response: ServerResponse): void {
    if (url.startsWith('/token')) return void response.writeHead(200).end(JSON.stringify({token: this.token}))
    if (this.token !== undefined && headers.authorization !== `Bearer ${this.token}`) {
      const challenge = `Bearer realm="http://${this.host}/token",service="reg",scope="repository:app:pull"`
      return void response.writeHead(401, {'www-authenticate': challenge}).end('{"errors":[{"code":"UNAUTHORIZED"}]}')
    }
    const [type, bytes] = CONTENT.get(url) ?? []
    response.writeHead(bytes === undefined ? 404 : 200, {'content-type': type ?? 'application/json'}).end(bytes ?? '{}')
  }
}

describe('round trips to a registry', () => {
  const server = new CountingServer()
  before(() => server.start())
  after(() => server.stop())
  beforeEach(() => Object.assign(server, {waves: [], token: undefined, asked: [], connections: 0, most: 0}))

  const verify = async (parallel = COUNT): Promise<Uint8Array[]> => {
    const store = openRegistry(`${server.host}/app`, {...quick(), parallel})
    const [, listed] = await Promise.all([store.resolve(digestOf(image)), store.referrers(digestOf(image))])
    const attached = await Promise.all(listed.map(({digest}) => store.resolve(digest)))
    return Promise.all(attached.flatMap(({json}) => json.layers ?? []).map((layer) => store.blob(layer)))
  }

  it('are three for a digest and what is attached to it: manifest and list, manifests, blobs', async () => {
    server.waves = [2, COUNT, COUNT]
    assert.equal((await verify()).length, COUNT)
    assert.equal(server.asked.length, 2 + COUNT + COUNT)
    assert.deepEqual(server.waves, [])
  })

  it('are two more, once, where the registry wants a token: the refusal and one exchange for all', async () => {
    server.token = 't0k3n'
    // Refused together, one token, then together again.
    server.waves = [2, 1, 2, COUNT, COUNT]
    assert.equal((await verify()).length, COUNT)
    assert.equal(server.asked.filter((line) => line.startsWith('GET /token')).length, 1)
    assert.deepEqual(server.waves, [])
  })

  it('an expired token is exchanged once for all requests that it fails', async () => {
    server.token = 'one'
    const store = openRegistry(`${server.host}/app`, quick())
    await store.resolve(digestOf(image))
    Object.assign(server, {token: 'two', asked: [], waves: [4, 1, 4]})
    await Promise.all(referrers.slice(0, 4).map((bytes) => store.resolve(digestOf(bytes))))
    assert.equal(server.asked.filter((line) => line.startsWith('GET /token')).length, 1)
  })

  it('a digest is resolved with one request', async () => {
    await openRegistry(`${server.host}/app`, quick()).resolve(digestOf(image))
    assert.deepEqual(server.asked, [`GET /v2/app/manifests/${digestOf(image)}`])
  })

  it('are at most eight at a time to one server, from however many repositories, and go on over the same connections', async () => {
    // A server of its own: how many at a time is settled with the first request to it.
    const busy = new CountingServer()
    await busy.start()
    try {
      busy.waves = [8, 8, 8, 8]
      const stores = [1, 2].map(() => openRegistry(`${busy.host}/app`, quick()))
      await Promise.all(stores.flatMap((store) => referrers.slice(0, 16).map((bytes) => store.resolve(digestOf(bytes)))))
      assert.equal(busy.most, 8)
      assert.ok(busy.connections <= 8, `${busy.connections} connections`)
    } finally {
      await busy.stop()
    }
  })

  it('keep their connection after a refusal and after what is not there', async () => {
    server.token = 't0k3n'
    const store = openRegistry(`${server.host}/app`, quick())
    for (let time = 0; time < 5; time += 1) await assert.rejects(store.resolve(digestOf(Buffer.from(`absent ${time}`))), {code: 'image.not-found'})
    assert.ok(server.connections <= 1, `${server.connections} connections`)
  })
})

describe('many uploads of what the same registry is read for', () => {
  const registry = scriptedServer()

  it('do not wait for each other', async () => {
    const store = openRegistry(`${registry.host}/new`, {...quick(), parallel: 2})
    const source = openRegistry(`${registry.host}/old`, {...quick(), parallel: 2})
    const outcomes = blobs.slice(0, 8).map(async (bytes, number) => {
      const digest = digestOf(bytes)
      registry.on(`GET /v2/old/blobs/${digest}`, answer(200, bytes))
      registry.on(`HEAD /v2/new/blobs/${digest}`, answer(404))
      registry.on('POST /v2/new/blobs/uploads/', answer(202, '', {location: '/u'}))
      registry.on('PATCH /u', answer(202, '', {location: '/u'}))
      registry.on(`PUT /u?digest=${encodeURIComponent(digest)}`, answer(201))
      const descriptor = {mediaType: 'application/octet-stream', digest, size: bytes.byteLength}
      return `${number} ${await store.pushBlobStream(descriptor, () => source.streamBlob(descriptor))}`
    })
    assert.deepEqual(
      await Promise.all(outcomes),
      outcomes.map((_, number) => `${number} written`),
    )
  })
})

function manifest(layers: readonly Descriptor[], subject?: string): Buffer {
  const config = {mediaType: MEDIA_TYPES.empty, digest: digestOf(Buffer.from('{}')), size: 2}
  const about = subject === undefined ? {} : {subject: {mediaType: MEDIA_TYPES.manifest, digest: subject, size: image.byteLength}}
  return Buffer.from(JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.manifest, config, layers, ...about}))
}

function described(bytes: Uint8Array): Descriptor {
  return {mediaType: MEDIA_TYPES.manifest, digest: digestOf(bytes), size: bytes.byteLength}
}

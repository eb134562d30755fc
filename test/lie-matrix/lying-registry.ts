/**
 * A registry over HTTP that tells what a store in memory holds, lies included.
 *
 * Promise: manifests by tag and digest, blobs, the list of referrers and Docker's version check are answered as the
 * distribution specification says; bytes go out as they are, also where they are not those of their digest. What a row
 * answers instead, for the image's manifest or its list, is answered instead.
 */
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {z} from 'zod'
import {AppError} from '../../src/lib/errors.ts'
import {MEDIA_TYPES, digestOf} from '../../src/lib/images/manifest.ts'
import type {Descriptor} from '../../src/lib/ports/images.ts'
import type {MemoryImageStore} from '../fakes/memory-image-store.ts'
import type {Answer} from './registry-rows.ts'

export interface Trouble {
  /** Instead of the manifest `of`. */
  readonly manifest?: Answer | undefined
  readonly of?: string
  /** Instead of any list of referrers. */
  readonly referrers?: Answer | undefined
}

export interface LyingRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string
  /** Called before the first request: what is told from then on. */
  tell(store: MemoryImageStore, trouble?: Trouble): void
  stop(): Promise<void>
}

export async function startLyingRegistry(): Promise<LyingRegistry> {
  let told: {readonly store: MemoryImageStore; readonly trouble: Trouble} | undefined
  const server = createServer((request, response) => {
    if (told === undefined) return void response.writeHead(503).end()
    answer(request, response, told.store, told.trouble).catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    host: `127.0.0.1:${address.port}`,
    tell: (store, trouble = {}) => void (told = {store, trouble}),
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function answer(request: IncomingMessage, response: ServerResponse, store: MemoryImageStore, {manifest, of, referrers}: Trouble): Promise<void> {
  const [, kind, name = ''] = /^\/v2\/.+?\/(manifests|blobs|referrers)\/([^/?]+)/.exec(request.url ?? '') ?? []
  if (kind === undefined) return void response.writeHead(request.url === '/v2/' ? 200 : 404).end()
  const instead = kind === 'referrers' ? referrers : kind === 'manifests' && name === of ? manifest : undefined
  if (instead !== undefined) return instead(request, response)
  if (kind === 'referrers') return send(Buffer.from(JSON.stringify(await listOf(store, name))), MEDIA_TYPES.index, request, response)
  const digest = kind === 'manifests' ? await resolved(store, name) : name
  const bytes = digest === undefined ? undefined : store.objects.get(digest)
  if (bytes === undefined)
    return void response.writeHead(404, {'content-type': 'application/json'}).end('{"errors":[{"code":"NOT_FOUND","message":"synthetic"}]}')
  send(bytes, kind === 'manifests' ? mediaTypeOf(bytes) : 'application/octet-stream', request, response, digest)
}

/** The digest that a reference means; asked of the store, which may change its mind. */
async function resolved(store: MemoryImageStore, reference: string): Promise<string | undefined> {
  try {
    return (await store.resolve(reference)).descriptor.digest
  } catch (error) {
    if (error instanceof AppError && error.code === 'image.corrupt') return store.tags.get(reference) ?? reference
    if (error instanceof AppError && error.code === 'image.not-found') return undefined
    throw error
  }
}

async function listOf(store: MemoryImageStore, digest: string): Promise<object> {
  const manifests: readonly Descriptor[] = await store.referrers(digest).catch(() => store.listed)
  return {schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests}
}

function mediaTypeOf(bytes: Uint8Array): string {
  return z.looseObject({mediaType: z.string().default(MEDIA_TYPES.manifest)}).parse(JSON.parse(Buffer.from(bytes).toString())).mediaType
}

function send(bytes: Uint8Array, type: string, {method}: IncomingMessage, response: ServerResponse, digest = digestOf(bytes)): void {
  response.writeHead(200, {'content-type': type, 'content-length': bytes.byteLength, 'docker-content-digest': digest})
  response.end(method === 'HEAD' ? undefined : bytes)
}

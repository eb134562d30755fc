/**
 * A registry without the referrers API that keeps one fallback tag, as bad as a test wants it.
 *
 * Promise: GET of the tag is what was last kept, with a strong ETag, or 404; PUT keeps the body, and where `honours` is
 * set it is refused with 412 unless `If-Match` / `If-None-Match: *` hold (RFC 9110 13.1). So many
 * writers as `together` says stand on the same state: their first reads are answered together (the look whether it is
 * listed already), so are their second (under the lock), and so are their first writes.
 * `loses` says which PUTs (from 1) are answered 201 and not kept. Everything else is 404.
 */
import {createHash} from 'node:crypto'
import {createServer, type IncomingMessage, type ServerResponse} from 'node:http'
import {buffer} from 'node:stream/consumers'
import {MEDIA_TYPES} from '../../../src/lib/images/manifest.ts'

export interface Habits {
  readonly honours?: boolean
  readonly together?: number
  readonly loses?: (put: number) => boolean
}

export interface FallbackServer {
  readonly host: string
  /** `PUT 412`, `GET 404` …, in the order of the answers. */
  readonly log: readonly string[]
  /** Digests on the list that is kept. */
  listed(): string[]
  stop(): Promise<void>
}

export async function startFallbackServer({honours = false, together = 1, loses = () => false}: Habits): Promise<FallbackServer> {
  let kept: Buffer | undefined
  let puts = 0
  const log: string[] = []
  const [reads, writes] = [gate(together, 2), gate(together, 1)]

  const etag = () => (kept === undefined ? undefined : `"${createHash('sha256').update(kept).digest('hex')}"`)
  const answer = (request: IncomingMessage, response: ServerResponse, status: number, body?: Buffer): void => {
    log.push(`${request.method} ${status}`)
    const tag = etag()
    response.writeHead(status, {'content-type': MEDIA_TYPES.index, ...(tag !== undefined && {etag: tag})}).end(body)
  }
  const isRefused = ({headers}: IncomingMessage): boolean =>
    (headers['if-match'] !== undefined && headers['if-match'] !== etag()) || (headers['if-none-match'] === '*' && kept !== undefined)

  const put = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request)
    puts += 1
    const refused = honours && isRefused(request)
    if (!refused && !loses(puts)) kept = body
    await writes()
    answer(request, response, refused ? 412 : 201)
  }
  const server = createServer((request, response) => {
    const work = async () => {
      if (!request.url?.startsWith('/v2/app/manifests/sha256-')) return answer(request, response, 404)
      if (request.method === 'PUT') return put(request, response)
      const found = kept
      await reads()
      return answer(request, response, found === undefined ? 404 : 200, found)
    }
    void work()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    host: `127.0.0.1:${address.port}`,
    log,
    listed: () => (JSON.parse(kept?.toString() ?? '{"manifests":[]}') as {manifests: {digest: string}[]}).manifests.map(({digest}) => digest).toSorted(),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Holds each of the first `groups` groups of `size` until all of it are there. */
function gate(size: number, groups: number): () => Promise<void> {
  let come = 0
  const gates = Array.from({length: groups}, () => Promise.withResolvers<void>())
  return async () => {
    const group = gates[Math.floor(come / size)]
    come += 1
    if (come % size === 0) group?.resolve()
    await group?.promise
  }
}

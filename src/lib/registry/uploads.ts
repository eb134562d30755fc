/** Writing blobs to a registry (distribution-spec 1.1, push): look first, open a session, send, close with the digest. */
import {AppError} from '../errors.ts'
import {digestOf} from '../images/manifest.ts'
import {checkedDigest} from '../images/reference.ts'
import type {Descriptor, PushOutcome} from '../ports/images.ts'
import {DigestCheck} from './digest-check.ts'
import {mountBlob} from './mount-blob.ts'
import {sameOrigin} from './origin.ts'
import type {Reply} from './reply.ts'
import type {Repository} from './repository.ts'

const TYPE = {'content-type': 'application/octet-stream'}

/** @throws AppError `registry.*` */
export async function uploadBytes(repository: Repository, bytes: Uint8Array): Promise<Descriptor> {
  const descriptor = {mediaType: 'application/octet-stream', digest: digestOf(bytes), size: bytes.byteLength}
  await repository.client.operation(async (deadline) => {
    if (await isThere(repository, descriptor, deadline)) return
    const session = await openSession(repository, deadline)
    await close(repository, session, descriptor, deadline, bytes)
  }, repository.client.settings.transfer)
  return descriptor
}

/** Links the blob from the repository `from` where that can be done, else sends what `read` yields while hashing it: a wrong byte ends the upload before the registry can keep it. */
export async function uploadStream(repository: Repository, descriptor: Descriptor, read: () => AsyncIterable<Uint8Array>, from?: string): Promise<PushOutcome> {
  const {client, name} = repository
  return client.operation(async (deadline) => {
    if (await isThere(repository, descriptor, deadline)) return 'present'
    const mounted = await mountBlob(repository, descriptor, from, deadline)
    if (mounted?.status === 201) return 'mounted'
    const session = mounted === undefined ? await openSession(repository, deadline) : location(mounted, mounted.url)
    const source = new Source(descriptor, read, `the source of ${name}`)
    try {
      const ask = {
        method: 'PATCH',
        url: session,
        what: `the blob ${descriptor.digest}`,
        answers: [202, 204],
        headers: TYPE,
        streams: true,
        body: (touch: () => void) => source.open(touch),
      } as const
      const reply = await client.send(ask, deadline)
      await reply.drop()
      await close(repository, location(reply, session), descriptor, deadline)
      return 'written'
    } catch (error) {
      throw source.error ?? error
    }
  }, client.settings.transfer)
}

/** Keeps the source's own error, which a broken connection would hide. */
class Source {
  error: unknown
  readonly #descriptor: Descriptor
  readonly #read: () => AsyncIterable<Uint8Array>
  readonly #place: string

  constructor(descriptor: Descriptor, read: () => AsyncIterable<Uint8Array>, place: string) {
    this.#descriptor = descriptor
    this.#read = read
    this.#place = place
  }

  async *open(touch: () => void): AsyncGenerator<Uint8Array> {
    const check = new DigestCheck(this.#descriptor, this.#place)
    try {
      for await (const chunk of this.#read()) {
        touch()
        check.add(chunk)
        yield chunk
      }
      check.end()
    } catch (error) {
      this.error = error
      throw error
    }
  }
}

async function isThere(repository: Repository, {digest, size}: Descriptor, deadline: AbortSignal): Promise<boolean> {
  const reply = await repository.client.send(
    {method: 'HEAD', url: repository.url(`blobs/${checkedDigest(digest)}`), what: `the blob ${digest}`, answers: [200, 404]},
    deadline,
  )
  await reply.drop()
  // A blob of another length is not ours, whatever its name.
  return reply.status === 200 && Number(reply.header('content-length') ?? size) === size
}

async function openSession(repository: Repository, deadline: AbortSignal): Promise<URL> {
  const url = repository.url('blobs/uploads/')
  const reply = await repository.client.send({method: 'POST', url, what: 'an upload', answers: [202], body: () => new Uint8Array()}, deadline)
  await reply.drop()
  return location(reply, url)
}

async function close(repository: Repository, session: URL, {digest}: Descriptor, deadline: AbortSignal, bytes: Uint8Array = new Uint8Array()): Promise<void> {
  // Appended by hand: the session's own query is opaque and must come back unchanged.
  const url = new URL(`${session.href}${session.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`)
  const reply = await repository.client.send({method: 'PUT', url, what: `the blob ${digest}`, answers: [201], headers: TYPE, body: () => bytes}, deadline)
  await reply.drop()
}

function location(reply: Reply, base: URL): URL {
  const address = reply.header('location')
  if (address === null) throw new AppError('registry.protocol', `${base.host} opened an upload without saying where`)
  return sameOrigin(address, base)
}

/** Reading blobs of a registry: every byte counted and hashed; a broken stream goes on where it stopped. */
import {AppError} from '../errors.ts'
import {checkedDigest} from '../images/reference.ts'
import type {Descriptor} from '../ports/images.ts'
import {DigestCheck} from './digest-check.ts'
import type {Reply} from './reply.ts'
import type {Repository} from './repository.ts'
import {retry, Transient} from './retry.ts'

/** The whole blob in memory. @throws AppError `image.corrupt`, `registry.*` */
export async function readBlob(repository: Repository, descriptor: Descriptor): Promise<Uint8Array> {
  const {blobMax} = repository.client.settings
  if (descriptor.size > blobMax) throw new AppError('registry.limit', `the blob ${descriptor.digest} has ${descriptor.size} bytes, more than ${blobMax}`)
  const parts: Uint8Array[] = []
  for await (const chunk of streamBlob(repository, descriptor)) parts.push(chunk)
  return Buffer.concat(parts)
}

export async function* streamBlob(repository: Repository, descriptor: Descriptor): AsyncGenerator<Uint8Array> {
  const {settings} = repository.client
  const deadline = AbortSignal.timeout(settings.transfer)
  const check = new DigestCheck(descriptor, repository.name)
  const what = `the blob ${descriptor.digest}`
  for (let breaks = 0; ;) {
    const reply = await retry(settings, deadline, () => openBlob(repository, descriptor, check.seen, deadline))
    let skip = reply.status === 206 ? 0 : check.seen
    try {
      for await (const chunk of reply.chunks(descriptor.size + 1, what)) {
        const fresh = chunk.subarray(Math.min(skip, chunk.byteLength))
        skip -= chunk.byteLength - fresh.byteLength
        check.add(fresh)
        if (fresh.byteLength > 0) yield fresh
      }
      break
    } catch (error) {
      if (!(error instanceof Transient)) throw tooLong(error, descriptor, repository.name)
      breaks += 1
      if (breaks >= settings.attempts || deadline.aborted) throw error.error
    }
  }
  check.end()
}

async function openBlob(repository: Repository, {digest}: Descriptor, from: number, deadline: AbortSignal): Promise<Reply> {
  const what = `the blob ${digest}`
  const headers: Record<string, string> = from === 0 ? {} : {range: `bytes=${from}-`}
  const reply = await repository.client.send(
    {method: 'GET', url: repository.url(`blobs/${checkedDigest(digest)}`), what, answers: [200, 206, 404], headers},
    deadline,
  )
  if (reply.status === 404) {
    await reply.drop()
    throw new AppError('image.corrupt', `${what} is missing in ${repository.name}`)
  }
  if (reply.status === 206 && !reply.header('content-range')?.startsWith(`bytes ${from}-`)) {
    await reply.drop()
    throw new AppError('registry.protocol', `${reply.url.host} sent another part of ${what} than asked for`)
  }
  return reply
}

/** More bytes than the descriptor says is a wrong blob, not a big one. */
function tooLong(error: unknown, descriptor: Descriptor, place: string): unknown {
  if (!(error instanceof AppError) || error.code !== 'registry.limit') return error
  return new AppError('image.corrupt', `the blob ${descriptor.digest} in ${place} is longer than ${descriptor.size} bytes`, {cause: error})
}

/**
 * Links a blob from another repository of the same registry instead of sending it (distribution-spec 1.1, mounting).
 *
 * A registry that cannot, or may not, answers with an ordinary upload session.
 * Reading the other repository needs its own right: it is asked for in the same
 * token, as the token specification says (`scope` may be given more than once).
 */
import {AppError} from '../errors.ts'
import {checkedDigest, splitRepository} from '../images/reference.ts'
import type {Descriptor} from '../ports/images.ts'
import type {Reply} from './reply.ts'
import type {Repository} from './repository.ts'

/**
 * @param from `host/path` of a repository that has the blob
 * @returns 201: it is linked; 202: a session; undefined: there is nothing to ask for
 * @throws AppError `registry.*`; Transient
 */
export async function mountBlob(repository: Repository, {digest}: Descriptor, from: string | undefined, deadline: AbortSignal): Promise<Reply | undefined> {
  const path = from === undefined ? undefined : pathBeside(repository, from)
  if (path === undefined) return undefined
  const url = repository.url('blobs/uploads/')
  url.searchParams.set('mount', checkedDigest(digest))
  url.searchParams.set('from', path)
  const what = `linking the blob ${digest} from ${path}`
  const ask = {method: 'POST', url, what, answers: [201, 202], scopes: [`repository:${path}:pull`], body: () => new Uint8Array()} as const
  try {
    const reply = await repository.client.send(ask, deadline)
    await reply.drop()
    return reply
  } catch (error) {
    // Not ours to link does not mean not ours to send.
    if (error instanceof AppError && error.code === 'registry.refused') return undefined
    throw error
  }
}

/** The path of `from`, where it is another repository of the same registry. */
function pathBeside({name}: Repository, from: string): string | undefined {
  const {host, path} = splitRepository(from)
  return from !== name && host === splitRepository(name).host ? path : undefined
}

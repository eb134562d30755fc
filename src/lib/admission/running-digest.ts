/**
 * The digest in a container's `imageID`, as runtimes write it: `registry.example/app@sha256:…`, the same behind
 * `docker-pullable://`, or only `sha256:…` of an image that no registry gave: then it is the digest of its configuration.
 */
const PULLED = /^(?:[a-z-]+:\/\/)?([^@\s]+)@(sha256:[0-9a-f]{64})$/
const BARE = /^(?:[a-z-]+:\/\/)?(sha256:[0-9a-f]{64})$/

/** Nothing where it says none. */
export function runningDigest(imageId: string): {readonly runs?: string; readonly from?: string} {
  const [, from, pulled] = PULLED.exec(imageId) ?? []
  if (from !== undefined && pulled !== undefined) return {runs: pulled, from}
  const [, bare] = BARE.exec(imageId) ?? []
  return bare === undefined ? {} : {runs: bare}
}

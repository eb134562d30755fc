/** A path or an address with the digest of what it must hold: `policy.yaml@sha256:…`. Pure. */

export interface PinnedFile {
  readonly file: string
  /** Hex. */
  readonly sha256?: string
}

export function splitPin(text: string): PinnedFile {
  const [, file = text, sha256] = /^(.+)@sha256:([0-9a-f]{64})$/s.exec(text) ?? []
  return {file, ...(sha256 !== undefined && {sha256})}
}

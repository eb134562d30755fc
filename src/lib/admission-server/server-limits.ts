/** What a peer may take of the server. Milliseconds and bytes. */
export interface ServerLimits {
  readonly bodyBytes: number
  readonly headerBytes: number
  /** Of all bodies that are held at the same time. */
  readonly heldBytes: number
  readonly connections: number
  /** Idle time after which a connection ends. */
  readonly keepAlive: number
  /** From the begin of a connection, or of a request on it, to the end of its headers. */
  readonly headers: number
  readonly handshake: number
  /** How long somebody who may not ask may hold a connection. */
  readonly stranger: number
  /** How long what is under way may take when the server ends. */
  readonly drain: number
  /** Between two looks at the files of the certificates. */
  readonly reread: number
}

/**
 * Gatekeeper keeps a connection for 90 s, also one that it opened and has not used yet, and does not repeat a POST on one that
 * was closed under it: that is a denial. So neither idle nor silent connections of those who may ask end earlier here.
 */
export const LIMITS: ServerLimits = {
  bodyBytes: 4 * 1024 * 1024,
  headerBytes: 16 * 1024,
  heldBytes: 128 * 1024 * 1024,
  connections: 1_024,
  keepAlive: 120_000,
  headers: 125_000,
  handshake: 10_000,
  stranger: 10_000,
  drain: 10_000,
  reread: 5_000,
}

/** Small documents out of the network: a policy, a list of revocations. Types only. */

export type FetchedDocument =
  | {readonly kind: 'read'; readonly bytes: Uint8Array}
  /** `why` ends a sentence: `<address> <why>`. */
  | {readonly kind: 'unreachable'; readonly why: string}

/**
 * Asks once, without credentials. What comes back is bytes that anybody may have sent: whoever asks holds them against a digest or a key.
 * @param address https, or http on this machine
 */
export type FetchDocument = (address: string) => Promise<FetchedDocument>

/** The platform's policy, as it was named. */
export interface NamedPolicy {
  /** Who names it, for messages: `floor` or --policy. */
  readonly asked: string
  /** An absolute path, or an address. */
  readonly file: string
  /** Of its bytes, hex. */
  readonly sha256?: string
  /** Who must have signed it, in a bundle beside it: `sha256:…` of the public key, and the absolute path of its file. */
  readonly key?: {readonly spki: string; readonly file: string}
}

/** Its bytes, once they were held against whatever pins them. @throws AppError `policy.unreadable`, `policy.unreachable` */
export type ReadPolicy = (named: NamedPolicy) => Promise<Uint8Array>

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

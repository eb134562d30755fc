/** A cluster, as an action asks it. Types only. */

/** What an API server said to a pod that was offered in a dry run. */
export type PodOffer =
  | {readonly kind: 'admitted'}
  /** It said no; `message` is its own. */
  | {readonly kind: 'refused'; readonly status: number; readonly message: string}
  /** It did not answer, or nothing that can be understood. */
  | {readonly kind: 'unreachable'; readonly message: string}

/** Offers a pod to a namespace, by server-side dry run: nothing is kept. Never rejects for what a cluster does. */
export type OfferPod = (namespace: string, pod: object) => Promise<PodOffer>

/** How many requests had to wait for one another. */

import {z} from 'zod'

/** Of a request, milliseconds. */
export const Span = z.object({began: z.number(), ended: z.number()})
export type Span = z.infer<typeof Span>

/** Greedy: always the request that ends first among those that begin after the last one ended. */
export function longestChain(spans: readonly Span[]): number {
  let length = 0
  let free = Number.NEGATIVE_INFINITY
  for (const {began, ended} of spans.toSorted((a, b) => a.ended - b.ended)) {
    if (began < free) continue
    length += 1
    free = ended
  }
  return length
}

/** Numbers from 0 to below 1 for ids, each out of one random byte. Bytes are fetched many at once: an id takes sixteen, and each call costs more than all of the id. */
import {randomFillSync} from 'node:crypto'

const POOL = 4_096

export function randomFractions(): () => number {
  const pool = new Uint8Array(POOL)
  let next = POOL
  return () => {
    if (next === POOL) {
      randomFillSync(pool)
      next = 0
    }
    const byte = pool[next] ?? 0
    next += 1
    return byte / 256
  }
}

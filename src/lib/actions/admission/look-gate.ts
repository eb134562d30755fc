/**
 * Looks at registries, for all pods together: bounded in number, because each holds up to 16 MiB, and of one host to a part of
 * that, so that a registry that hangs is in the way of its own images alone.
 */
import {splitRepository} from '../../images/reference.ts'
import {byteGate, type ByteGate} from '../verify/byte-gate.ts'

const ALL = 16
/** A host takes eight requests at a time, and a look makes several: more looks would wait for each other. */
const OF_ONE = 6

/** Looks at what lies in `repository` as soon as there is room. */
export type LookGate = <T>(repository: string, look: () => Promise<T>) => Promise<T>

export function lookGate(): LookGate {
  const all = byteGate(ALL)
  const hosts = new Map<string, {readonly gate: ByteGate; looks: number}>()
  return async (repository, look) => {
    const {host} = splitRepository(repository)
    const own = hosts.get(host) ?? {gate: byteGate(OF_ONE), looks: 0}
    hosts.set(host, own)
    own.looks += 1
    try {
      return await own.gate(1, async () => all(1, look))
    } finally {
      own.looks -= 1
      // Pods name hosts without end.
      if (own.looks === 0) hosts.delete(host)
    }
  }
}

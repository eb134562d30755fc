/**
 * The chains of runs, rebuilt as their records go by. Pure.
 *
 * Rules: a run that is whole is closed, and its links are let go, so that memory does not grow with what is old. Whoever
 * turns up in a closed run opens it again: then all its sealed records are to be read once more (`reread`), and what is
 * found is what had been found with all of them at once.
 */
import {checkChains, previousOf} from '../evidence/chain.ts'
import type {ChainLink, Damaged, EvidenceFinding} from '../evidence/chain-link.ts'

export interface RunBook {
  /** @param kept the link is not in a seal: it cannot be read again */
  add(link: ChainLink, kept: boolean): void
  /** Closes what is whole. */
  settle(): void
  /** Runs whose sealed records are wanted again. */
  readonly wanted: ReadonlySet<string>
  /** A sealed link of a wanted run. */
  reread(link: ChainLink): void
  /** What is wrong with the runs that are not closed. @param judged which of them are to be judged */
  findings(judged?: (links: readonly ChainLink[]) => boolean): EvidenceFinding[]
  readonly size: number
}

export function createRunBook(damaged: Damaged): RunBook {
  const open = new Map<string, ChainLink[]>()
  const closed = new Set<string>()
  const wanted = new Set<string>()
  const touched = new Set<string>()
  const followed = new Set<string>()
  const append = (link: ChainLink) => {
    const links = open.get(link.runid)
    if (links === undefined) open.set(link.runid, [link])
    else links.push(link)
  }
  return {
    wanted,
    get size() {
      return new Set([...open.keys(), ...closed]).size
    },
    add(link, kept) {
      const previous = previousOf(link)
      if (previous !== undefined) followed.add(previous)
      if (closed.has(link.runid)) wanted.add(link.runid)
      if (wanted.has(link.runid) && !kept) return
      touched.add(link.runid)
      append(link)
    },
    settle() {
      for (const runid of touched) {
        const links = open.get(runid) ?? []
        if (!mayBeWhole(links) || checkChains(links, damaged).length > 0) continue
        open.delete(runid)
        closed.add(runid)
      }
      touched.clear()
    },
    reread: append,
    findings: (judged = () => true) => [...open.values()].filter(judged).flatMap((links) => checkChains(links, damaged, followed)),
  }
}

/** A run that was started is whole only once it has ended. */
function mayBeWhole(links: readonly ChainLink[]): boolean {
  return links.some(({run}) => run?.phase === 'end') || links.every(({run}) => run === undefined)
}

/**
 * Records of runs in, findings out: the chain of each job, and what the run's start and end declare. Pure.
 *
 * Rules: a link that is there and wrong is tampering or a fork (exit 5); what is
 * not there is a gap (exit 6). A record that lies in its place but is damaged is
 * reported where its digest is checked, and is no gap as well: whoever points
 * at the digest in its name shows that it was there.
 */
import {finding, type ChainLink, type Damaged, type EvidenceFinding} from './chain-link.ts'
import {checkManifest} from './run-manifest.ts'

/** @param links in any order. @param followed runs that others, not among the links, name as the one before them */
export function checkChains(links: readonly ChainLink[], damaged: Damaged = new Map(), followed: ReadonlySet<string> = new Set()): EvidenceFinding[] {
  const all = new Set([...followed, ...links.flatMap((link) => previousOf(link) ?? [])])
  return [...Map.groupBy(links, ({runid}) => runid).values()].flatMap((run) => checkRun(run, damaged, all))
}

/** The run before, that a start names. */
export function previousOf({run}: ChainLink): string | undefined {
  return run?.phase === 'start' ? run.previous : undefined
}

function checkRun(links: readonly ChainLink[], damaged: Damaged, followed: ReadonlySet<string>): EvidenceFinding[] {
  const starts = links.filter(({run}) => run?.phase === 'start')
  const jobs = Map.groupBy(
    links.filter((link) => !starts.includes(link)),
    ({job}) => job,
  )
  return [
    ...starts.slice(1).map((link) => finding('chain.fork', link, `run ${link.runid} has more than one start record`)),
    ...starts
      .filter(({seq, prevsha256}) => seq !== 0 || prevsha256 !== undefined)
      .map((link) => finding('chain.broken', link, 'a start record stands first and points at nothing')),
    ...[...jobs.values()].flatMap((job) => checkJob(job, starts, damaged)),
    ...checkManifest(links, damaged, followed),
  ]
}

function checkJob(links: readonly ChainLink[], starts: readonly ChainLink[], damaged: Damaged): EvidenceFinding[] {
  const places = [...Map.groupBy(links, ({seq}) => seq).entries()].toSorted(([a], [b]) => a - b)
  const findings: EvidenceFinding[] = []
  let before = {seq: 0, digests: starts.map(({sha256}) => sha256)}
  for (const [seq, here] of places) {
    findings.push(...forks(here), ...here.flatMap((link) => checkLink(link, before, damaged) ?? []))
    before = {seq, digests: here.map(({sha256}) => sha256)}
  }
  return findings
}

function forks(here: readonly ChainLink[]): EvidenceFinding[] {
  if (here.length < 2) return []
  return here.map((link) => finding('chain.fork', link, `${here.length} records claim place ${link.seq} of job ${link.job} in run ${link.runid}`))
}

/** `before.digests` is empty where nothing stands before: an implicit run, or a start record that is gone. */
function checkLink(link: ChainLink, before: {seq: number; digests: readonly string[]}, damaged: Damaged): EvidenceFinding | undefined {
  const {seq, job, prevsha256} = link
  if (seq === 0) return finding('chain.broken', link, 'only a start record stands at place 0')
  const absent = seq - before.seq - 1
  // What stood there is damaged, and said so elsewhere.
  if (prevsha256 !== undefined && damaged.has(prevsha256) && (absent === 1 || (absent === 0 && before.digests.length === 0))) return undefined
  if (absent > 0) {
    const which = absent === 1 ? `record ${seq - 1} of job ${job} is` : `records ${before.seq + 1} to ${seq - 1} of job ${job} are`
    return finding('chain.gap', link, `${which} missing from run ${link.runid}`)
  }
  if (before.digests.length === 0) return prevsha256 === undefined ? undefined : finding('chain.gap', link, `the start record of run ${link.runid} is missing`)
  if (prevsha256 !== undefined && before.digests.includes(prevsha256)) return undefined
  return finding('chain.broken', link, `record ${seq} of job ${job} in run ${link.runid} does not point at the one before it`)
}

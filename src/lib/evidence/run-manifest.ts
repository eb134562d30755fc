/**
 * What a run's end record says against what is there: jobs, counts, steps. Pure.
 *
 * Rules: an end counts every job up to its last record; what comes after it was
 * added later. Steps are recounted, because an end may be wrong. A server's run
 * goes on until the run of its next boot names it as the one before.
 */
import {finding, type ChainLink, type Damaged, type EvidenceFinding, type RunDetail} from './chain-link.ts'

type End = Extract<RunDetail, {phase: 'end'}>
type EndLink = ChainLink & {readonly run: End}
type JobEntry = End['jobs'][number]

/** Jobs stand among the missing as `job:NAME`, steps by their stream. */
export const MISSING_JOB = 'job:'

/** @param links of one run. @param followed runs that another names as the one before it */
export function checkManifest(links: readonly ChainLink[], damaged: Damaged, followed: ReadonlySet<string>): EvidenceFinding[] {
  const start = links.find(({run}) => run?.phase === 'start')
  const ends = links.filter((link) => isEnd(link)).toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const [end] = ends
  if (end === undefined)
    return start === undefined || (serves(links) && !followed.has(start.runid))
      ? []
      : [finding('run.no-end', start, `run ${start.runid} was started and never ended`)]
  return [
    ...ends.slice(1).map((link) => finding('chain.fork', link, `run ${link.runid} has more than one end record`)),
    ...end.run.jobs.flatMap((entry) => checkEntry(entry, end, links, damaged)),
    ...unlisted(end, links),
    ...missing(end, start, links, damaged),
  ]
}

/** Of a server that enforces something: it said so at its start. */
function serves(links: readonly ChainLink[]): boolean {
  return links.some(({stream}) => stream === 'enforcement')
}

function checkEntry({job, count, last}: JobEntry, end: EndLink, links: readonly ChainLink[], damaged: Damaged): EvidenceFinding[] {
  const own = links.filter((link) => link.job === job && link.seq > 0 && link.run === undefined)
  const later = own
    .filter(({seq}) => seq > count)
    .map((link) => finding('run.after-end', link, `record ${link.seq} of job ${job} was added after the end of run ${end.runid} had counted ${count}`))
  const newest = Math.max(0, ...own.map(({seq}) => seq))
  if (newest < count) {
    if (newest === count - 1 && damaged.has(last)) return later
    return [...later, finding('run.count', end, `job ${job} of run ${end.runid} has records up to ${newest}; its end counted ${count}`)]
  }
  const counted = count === 0 ? links.filter(({run}) => run?.phase === 'start') : own.filter(({seq}) => seq === count)
  if (counted.length === 0 || counted.some(({sha256}) => sha256 === last) || damaged.has(last)) return later
  return [...later, finding('chain.broken', end, `the end of run ${end.runid} names another last record of job ${job} than the one in the store`)]
}

/** The first record of each job that the end does not know: a rerun whose file was not joined, or something added. */
function unlisted(end: EndLink, links: readonly ChainLink[]): EvidenceFinding[] {
  const known = new Set(end.run.jobs.map(({job}) => job))
  const strangers = Map.groupBy(
    links.filter(({job, seq}) => seq > 0 && !known.has(job)),
    ({job}) => job,
  )
  return [...strangers.entries()].flatMap(([job, [first]]) =>
    first === undefined ? [] : [finding('run.unlisted-job', first, `job ${job} has records, and the end of run ${end.runid} does not count it`)],
  )
}

function missing(end: EndLink, start: ChainLink | undefined, links: readonly ChainLink[], damaged: Damaged): EvidenceFinding[] {
  const declared = start?.run?.phase === 'start' ? start.run : undefined
  const streams = new Set([...links.map(({stream}) => stream), ...[...damaged.values()].map(({stream}) => stream)])
  const stopped = links.some((link) => stopsRun(link))
  const steps = missingSteps([...end.run.expected, ...(declared?.expected ?? [])], streams, stopped)
  const jobs = missingJobs(declared?.jobs ?? [], end.run.jobs).map((job) => MISSING_JOB + job)
  return [...new Set([...end.run.missing, ...steps, ...jobs])].map((name) =>
    name.startsWith(MISSING_JOB)
      ? finding('run.missing-job', end, `job ${name.slice(MISSING_JOB.length)} of run ${end.runid} left no run file`)
      : finding('run.missing-step', end, `step ${name} of run ${end.runid} never reported`),
  )
}

/** Steps that only a passed gate leads to. */
const AFTER_GATE: readonly string[] = ['signature', 'attestation', 'verification', 'promotion', 'deployment']

/**
 * Declared steps that never reported. In a run that its own gate stopped, what
 * only a passed gate leads to is not owed: the gate's record says why.
 */
export function missingSteps(expected: readonly string[], reported: ReadonlySet<string>, stopped: boolean): string[] {
  return expected.filter((step) => !reported.has(step) && !(stopped && AFTER_GATE.includes(step)))
}

/** A gate that did not pass ends the road of its run. */
export function stopsRun({stream, outcome}: {readonly stream: string; readonly outcome: string}): boolean {
  return stream === 'gate' && outcome !== 'pass'
}

/** Declared jobs of which no run file was joined; a rerun (`scan#2`) stands for its job. */
export function missingJobs(declared: readonly {readonly job: string}[], joined: readonly {readonly job: string}[]): string[] {
  return declared.map(({job}) => job).filter((job) => !joined.some((one) => one.job === job || one.job.startsWith(`${job}#`)))
}

function isEnd(link: ChainLink): link is EndLink {
  return link.run?.phase === 'end'
}

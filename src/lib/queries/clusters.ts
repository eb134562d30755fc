/**
 * Which clusters an answer rests on, and which of them went silent. Pure.
 *
 * A cluster that is alive leaves a record every hour: of what it was asked, of its canary, or that it is there. Without one
 * nothing is known of it, however quiet it looks; unless somebody said that it was taken out of service.
 */
import type {Stream} from '../evidence/streams.ts'
import {PROVES} from './enforcement/canary-windows.ts'
import type {AnswerRow, Gap, Question} from './question.ts'

export interface ReportingCluster {
  readonly cluster: string
  /** Of its ARN, where it is called by that; else null. */
  readonly account: string | null
  readonly region: string | null
  readonly system: string
  /** Its first record, and its newest before the end of the period (UTC). */
  readonly since: string
  readonly until: string
  readonly state: 'reporting' | 'silent' | 'out-of-service'
}

const REPORTS: ReadonlySet<Stream> = new Set<Stream>(['admission', 'enforcement', 'canary', 'break-glass', 'reconciliation'])
const ARN = /^arn:[a-z-]+:eks:([a-z0-9-]+):(\d{12}):cluster\//

/** One run is asked for by its id, and is whole or not by itself. */
export function restsOnClusters({reads, required = []}: Pick<Question, 'reads' | 'required'>): boolean {
  return !required.includes('run') && reads.some((stream) => REPORTS.has(stream))
}

/** @param rows of `CLUSTERS`. @param end of the period, or now where that is earlier; milliseconds */
export function clustersOf(rows: readonly AnswerRow[], end: number): ReportingCluster[] {
  return rows.flatMap(({cluster, system, since, until, ended}) => {
    if (typeof cluster !== 'string' || typeof since !== 'string' || typeof until !== 'string') return []
    const [, region = null, account = null] = ARN.exec(cluster) ?? []
    return [
      {
        cluster,
        account,
        region,
        system: String(system),
        since,
        until,
        state: stateOf(Date.parse(until), typeof ended === 'string' ? Date.parse(ended) : undefined, end),
      },
    ]
  })
}

export function silentClusters(clusters: readonly ReportingCluster[]): Gap[] {
  return clusters
    .filter(({state}) => state === 'silent')
    .map(({cluster, system, until}) => ({code: 'admission.silent', what: `the cluster ${cluster} (system ${system}) has been silent since ${until}`}))
}

/** Its servers may say something while they are stopped; what comes later than that shows that it is there again. */
function stateOf(until: number, ended: number | undefined, end: number): ReportingCluster['state'] {
  if (ended !== undefined && until <= ended + PROVES) return 'out-of-service'
  return end - until > PROVES ? 'silent' : 'reporting'
}

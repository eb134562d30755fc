/**
 * Offers a pod that has to be refused, again and again, and records what became of it: where the answer changes, and at
 * least once an hour. So every time in which a cluster refused nothing has a beginning and an end.
 *
 * What could not be recorded is said, and recorded at the next turn.
 */
import {canaryPod, readOffer, type CanaryAnswer} from '../../admission/canary.ts'
import {matchEnvironments} from '../../admission/match-environment.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {Code} from '../../evidence/primitives.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import type {OfferPod} from '../../ports/cluster.ts'
import type {Context} from '../../ports/context.ts'
import {newestRecord} from '../evidence/find-record.ts'

export interface CanaryRequest {
  readonly cluster: string
  readonly namespace: string
}

export interface CanaryTurn extends CanaryAnswer {
  readonly at: string
  /** Of the last one that was refused before; absent where none is known. */
  readonly lastRefused?: string
  /** Undefined where nothing had to be recorded, or could be. */
  readonly record: string | undefined
  /** Why a record that had to be is missing. */
  readonly unrecorded?: string
}

export interface CanaryResult extends CanaryRequest {
  readonly exitCode: ExitCode
  readonly turns: number
  /** How many were admitted. */
  readonly admitted: number
  readonly last: CanaryTurn
}

export interface CanaryWatch {
  readonly offer: OfferPod
  /** Waits for the next turn; false where there is none. */
  readonly next: () => Promise<boolean>
  readonly onTurn: (turn: CanaryTurn) => void
}

const HOUR = 3_600_000
/** Resolves nowhere (RFC 2606), so that no registry can have the image. */
const NOWHERE = 'registry.invalid/hipaa-ci/canary'

/** Never rejects for what a cluster or a store does: the result says it. */
export async function watchCanary(request: CanaryRequest, {offer, next, onTurn}: CanaryWatch, context: Context): Promise<CanaryResult> {
  const [match, ...others] = matchEnvironments(request.cluster, request.namespace, context.config.environments)
  const environment = match === undefined || others.length > 0 ? undefined : match
  const ground = {...request, environment: environment?.[0] ?? 'none', repository: environment?.[1].repository ?? NOWHERE}
  let known: Known = {}
  let [turns, admitted] = [0, 0]
  let last: CanaryTurn
  do {
    // oxlint-disable-next-line no-await-in-loop -- one after another is what it is about
    const turn = await takeTurn(ground, offer, known, context)
    known = {
      ...known,
      ...(turn.record !== undefined && {recorded: {answer: turn.answer, at: Date.parse(turn.at)}}),
      ...(turn.answer === 'refused' && {lastRefused: turn.at}),
    }
    last = turn
    turns += 1
    admitted += turn.answer === 'admitted' ? 1 : 0
    onTurn(turn)
    // oxlint-disable-next-line no-await-in-loop -- the same
  } while (await next())
  return {...request, exitCode: exitOf(admitted, last), turns, admitted, last}
}

interface Known {
  readonly recorded?: {readonly answer: CanaryAnswer['answer']; readonly at: number}
  readonly lastRefused?: string
}

interface Ground extends CanaryRequest {
  readonly environment: string
  readonly repository: string
}

async function takeTurn({cluster, namespace, environment, repository}: Ground, offer: OfferPod, known: Known, context: Context): Promise<CanaryTurn> {
  // Another one each time: nobody can have signed it, and no cache knows it.
  const digest = sha256Hex(`hipaa-ci canary ${context.newId()}`)
  const name = `hipaa-ci-canary-${digest.slice(0, 10)}`
  const found = readOffer(await offer(namespace, canaryPod(name, `${repository}@sha256:${digest}`)))
  const now = context.now()
  const at = now.toISOString()
  const {recorded} = known
  if (recorded !== undefined && recorded.answer === found.answer && now.getTime() - recorded.at < HOUR) return {...found, at, record: undefined}
  try {
    const recorder = await context.recorder()
    if (!recorder.enabled) return {...found, at, record: undefined}
    const lastRefused = found.answer === 'refused' ? known.lastRefused : (known.lastRefused ?? (await refusedBefore(cluster, namespace, context)))
    const since = lastRefused === undefined ? {} : {last_refused: lastRefused}
    const {id} = await recorder.write({
      stream: 'canary',
      subject: `urn:hipaa-ci:cluster:${encodeURIComponent(cluster)}`,
      environment,
      outcome: found.answer === 'refused' ? 'pass' : found.answer === 'admitted' ? 'fail' : 'error',
      detail: {cluster, namespace, answer: found.answer, ...since, ...(found.reason !== undefined && {reason: Code.parse(found.reason)})},
    })
    return {...found, at, ...(lastRefused !== undefined && {lastRefused}), record: id}
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    context.progress.note(`not recorded: ${why}`)
    return {...found, at, record: undefined, unrecorded: why}
  }
}

/** By an earlier process, where this role may see it; a service's may not. */
async function refusedBefore(cluster: string, namespace: string, context: Context): Promise<string | undefined> {
  const isIt = ({data: {detail}}: RecordOf<'canary'>) => detail.cluster === cluster && detail.namespace === namespace && detail.answer === 'refused'
  try {
    return (await newestRecord('canary', '', await context.store(), isIt))?.record.time
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

/** One that was admitted is not outweighed by those that were refused. */
function exitOf(admitted: number, {answer, unrecorded}: CanaryTurn): ExitCode {
  if (admitted > 0) return EXIT.failed
  return answer === 'unknown' || unrecorded !== undefined ? EXIT.unreachable : EXIT.ok
}

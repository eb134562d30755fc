/**
 * What an admission server answers to Gatekeeper: each key judged once, recorded, and told as a verdict, whoever asks again.
 *
 * A definite verdict with its records is a value. Whatever is transient, or left no record, is a system error: a denial that
 * nobody keeps. In the time that a key has nothing is lost: what was not judged in it is recorded as not checked, and goes
 * on being judged, so that the next try finds its verdict.
 */
import {refusedFor, type ImageVerdict} from '../../admission/image-verdict.ts'
import {parseProviderRequest, providerResponse, type ProviderAnswer, type ProviderItem, type ProviderVerdict} from '../../admission/provider-protocol.ts'
import {faultText, refusalText} from '../../admission/refusal-text.ts'
import {parseRequestKey, type KeyedAsk} from '../../admission/request-key.ts'
import {onlyWarns} from '../../admission/rollout.ts'
import {verdictCache} from '../../admission/verdict-cache.ts'
import {AppError, type ReasonCode} from '../../errors.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {Context} from '../../ports/context.ts'
import type {Recorder} from '../../ports/evidence-store.ts'
import type {Wait} from '../../ports/wait.ts'
import {auditRecords} from './audit-records.ts'
import type {GroundHolder, HeldGround} from './hold-ground.ts'
import {judgeAsk, type DecidedAsk, type Judging} from './judge-ask.ts'
import {keptJudge} from './judge-kept.ts'
import {startDeadline, type Deadline} from './key-deadline.ts'

export interface AnswererOptions {
  readonly cluster: string
  readonly ground: Pick<GroundHolder, 'current'>
  /** Of the server's own run, durable before it resolves. */
  readonly recorder: Recorder
  readonly wait: Wait
  /** Milliseconds that the judging of a key may take; default 6 s. A second more is given to its record. */
  readonly budget?: number
  /** Verdicts on images that are kept at most; default 10,000. */
  readonly maxVerdicts?: number
  /** Told of each key once it was judged, for logs and metrics. */
  readonly onAnswer?: (answered: AnsweredKey) => void
}

export interface AnsweredKey {
  readonly mode: KeyedAsk['mode'] | 'unknown'
  /** `warned`: refused, and let in all the same. */
  readonly outcome: 'allowed' | 'warned' | 'refused' | 'could-not-check'
  readonly reasons: readonly ReasonCode[]
  readonly namespace?: string
  readonly milliseconds: number
}

export interface Answerer {
  /** @param body of a ProviderRequest. @returns that of the answer; never throws */
  answer(body: Uint8Array): Promise<Uint8Array>
  /** How many verdicts and answers are kept. */
  kept(): {readonly verdicts: number; readonly answers: number}
}

type Reply = {readonly value: ProviderVerdict} | {readonly systemError: string}

const BUDGET = 6_000
const GRACE = 1_000
/** A webhook waits for 30 s at most: who asks for the same later is nobody's try again. */
const ANSWER_AGE = 10 * 60_000
const MAX_ANSWERS = 4_000

export function createAnswerer(options: AnswererOptions, context: Context): Answerer {
  const {cluster, ground, recorder, wait, budget = BUDGET, maxVerdicts = 10_000} = options
  const answers = verdictCache<Reply>({max: MAX_ANSWERS, now: context.now})
  const judge = keptJudge({max: maxVerdicts}, context)
  const auditing = auditRecords(recorder, context.now)
  const onAnswer = (answered: AnsweredKey): void => {
    try {
      options.onAnswer?.(answered)
    } catch (error) {
      // Who counts answers must not be able to change one.
      context.progress.note(`an answer was not counted: ${String(error)}`)
    }
  }

  const decide = async (key: string, {mode, ask}: KeyedAsk, deadline: Deadline): Promise<Reply & {decided: DecidedAsk}> => {
    const held = await ground.current()
    const warns = mode === 'admission' && onlyWarns(ask.namespace, held.context.config.admission.rollout, context.now())
    const recorded = mode === 'admission' ? (warns ? 'warn' : 'enforce') : mode
    const judging = {...judgingOf(judge, held, deadline), recorder: mode === 'audit' ? auditing(key) : recorder}
    const decided = await judgeAsk({ask, cluster, mode: recorded}, judging, context)
    return {...replyOf(decided, decided.allowed || recorded !== 'enforce'), decided}
  }

  const judgeKey = async (key: string, keyed: KeyedAsk): Promise<Reply> => {
    const began = context.now().getTime()
    const deadline = startDeadline(budget, GRACE, wait)
    const told = (outcome: AnsweredKey['outcome'], reasons: readonly ReasonCode[]) =>
      onAnswer({mode: keyed.mode, outcome, reasons, namespace: keyed.ask.namespace, milliseconds: context.now().getTime() - began})
    try {
      const reply = await deadline.atLast(decide(key, keyed, deadline))
      if (reply === undefined) throw new AppError('admission.time', `the verdict on ${keyed.ask.images.length} images, or its record, was not there in time`)
      told(outcomeOf(reply), [...new Set(reply.decided.images.flatMap(({reasons}) => reasons))])
      return 'value' in reply ? {value: reply.value} : {systemError: reply.systemError}
    } catch (error) {
      const fault = asFault(error)
      told('could-not-check', [fault.code])
      return {systemError: faultText(fault)}
    } finally {
      deadline.end()
    }
  }

  const answerKey = async (key: string): Promise<ProviderItem | {systemError: string}> => {
    const keyed = parseRequestKey(key)
    const reply = await answers.get(sha256Hex(key), async () => {
      const value = await judgeKey(key, keyed)
      // An audit asks the same for ever, and is to see what has changed.
      return {value, until: 'value' in value && keyed.mode !== 'audit' ? context.now().getTime() + ANSWER_AGE : 0}
    })
    return 'value' in reply ? {key, value: reply.value} : reply
  }

  const answerAll = async (body: Uint8Array): Promise<ProviderAnswer> => {
    const items: ProviderItem[] = []
    for (const reply of await Promise.all(parseProviderRequest(body).map(answerKey))) {
      // A key that was not answered must not be overlooked beside others that were.
      if (!('key' in reply)) return reply
      items.push(reply)
    }
    return {items}
  }

  return {
    async answer(body) {
      try {
        return providerResponse(await answerAll(body))
      } catch (error) {
        const fault = asFault(error)
        context.progress.note(`not judged: ${fault.message}`)
        onAnswer({mode: 'unknown', outcome: 'could-not-check', reasons: [fault.code], milliseconds: 0})
        return providerResponse({systemError: faultText(fault)})
      }
    },
    kept: () => ({verdicts: judge.size, answers: answers.size}),
  }
}

/** What is not there in time was not checked, and what throws was not either: the other images are judged and recorded all the same. */
function judgingOf(kept: ReturnType<typeof keptJudge>, held: HeldGround, deadline: Deadline): Omit<Judging, 'recorder'> {
  return {
    ground: async (namespace) => held.find(namespace),
    async judge(place, ground, now) {
      try {
        const verdict = await deadline.inTime(kept.judge(place, ground, now, held))
        return verdict ?? refusedFor('admission.time', 'there was no verdict in time; it is still being made', place, 'could-not-check')
      } catch (error) {
        const {code, message} = asFault(error)
        return refusedFor(code, message, place, 'could-not-check')
      }
    },
    exempt: async (refused, place, ground, now) => deadline.inTime(kept.exempt(refused, place, ground, now, held)),
  }
}

function replyOf({images, allowed, environment, recorded}: DecidedAsk, admit: boolean): Reply {
  const unchecked = images.filter((image) => !image.allowed && image.verdict === 'could-not-check')
  if (unchecked.length > 0) return {systemError: refusalText(unchecked, environment)}
  if (!recorded) return {systemError: faultText(new AppError('record.not-written', `${shown(images)} refused, and no record could be written of it`))}
  const records = images.flatMap(({record}) => record ?? [])
  return {value: {allowed, admit, records, message: allowed ? '' : refusalText(images, environment)}}
}

function shown(images: readonly ImageVerdict[]): string {
  const refused = images.filter(({allowed}) => !allowed).length
  return `${refused} of ${images.length} ${images.length === 1 ? 'image was' : 'images were'}`
}

function outcomeOf(reply: Reply): AnsweredKey['outcome'] {
  if (!('value' in reply)) return 'could-not-check'
  if (reply.value.allowed) return 'allowed'
  return reply.value.admit ? 'warned' : 'refused'
}

function asFault(error: unknown): AppError {
  return error instanceof AppError ? error : new AppError('bug', `unexpected error: ${error instanceof Error ? error.message : String(error)}`, {cause: error})
}

/** What was found of one image of a pod, and what that means for the answer. */
import {EXIT, REASONS, worstExit, type ExitCode, type ReasonCode} from '../errors.ts'
import type {Verdict} from '../evidence/primitives.ts'
import type {TriedSignature} from '../policy/checks/signature.ts'
import type {Exemption} from '../policy/exemption.ts'
import {nameImage} from '../policy/name-image.ts'
import type {Check, Judgement} from '../policy/model.ts'
import type {PodImage} from './pod-images.ts'

export interface ImageVerdict {
  /** As the pod names it. */
  readonly image: string
  readonly path: string
  readonly repository?: string
  readonly digest?: string
  /** `unchanged`: the pod runs it already, so it was not judged. */
  readonly verdict: Verdict | 'unchanged'
  readonly allowed: boolean
  readonly reasons: readonly ReasonCode[]
  readonly message: string
  /** Checks of an image of our own; none of one that a rule admits or refuses. */
  readonly checks: readonly Check[]
  readonly tried: readonly TriedSignature[]
  /** By which it was let in, although its verdict is a refusal. */
  readonly exemption?: Exemption
}

type Place = Pick<PodImage, 'image' | 'path'> & Partial<Pick<ImageVerdict, 'repository' | 'digest'>>

export function unchanged({image, path}: PodImage): ImageVerdict {
  return {image, path, verdict: 'unchanged', allowed: true, reasons: [], message: 'the pod runs it already; not judged again', checks: [], tried: []}
}

/** A refusal that no look at the image could change, or that no look was possible. */
export function refusedFor(reason: ReasonCode, message: string, place: Place, verdict: 'failed' | 'could-not-check' = 'failed'): ImageVerdict {
  return {...named(place), verdict, allowed: false, reasons: [reason], message, checks: [], tried: []}
}

/** An image that a rule of the policy admits. */
export function admittedBy(message: string, place: Place): ImageVerdict {
  return {...named(place), verdict: 'verified', allowed: true, reasons: [], message, checks: [], tried: []}
}

/** Refused, and let in all the same: verdict and reasons stay. */
export function admittedByExemption(refused: ImageVerdict, exemption: Exemption): ImageVerdict {
  const {person, incident, expires} = exemption
  return {...refused, allowed: true, message: `let in until ${expires} by ${person} (${incident}), although: ${refused.message}`, exemption}
}

/** An image of our own, judged by its environment's policy. */
export function judgedAs({verdict, exitCode, checks}: Judgement, tried: readonly TriedSignature[], place: Place): ImageVerdict {
  const faults = checks.filter(({state}) => state === 'failed' || state === 'missing' || state === 'could-not-check')
  const good = checks.filter(({state}) => state === 'verified').map(({name}) => name)
  return {
    ...named(place),
    verdict,
    allowed: verdict === 'verified' && exitCode === EXIT.ok,
    reasons: [...new Set(faults.flatMap(({reason}) => (reason === undefined ? [] : [reason])))],
    message: faults.length === 0 ? good.join(', ') : faults.map(({message}) => message).join('; '),
    checks: nameImage(checks, place.image),
    tried,
  }
}

/** An allow that left no record is none. */
export function withoutRecord(judged: ImageVerdict, why: string): ImageVerdict {
  const {exemption: _, ...verdict} = judged
  return {...verdict, verdict: 'could-not-check', allowed: false, reasons: ['record.not-written'], message: `its record could not be written: ${why}`}
}

/**
 * 0 where all are allowed; 1 where one is refused for a definite reason, which
 * something missing is too; else 2 to 5 or 70 by what could not be checked.
 */
export function exitOf(verdicts: readonly ImageVerdict[]): ExitCode {
  return worstExit(verdicts.filter(({allowed}) => !allowed).map(refusalExit))
}

function refusalExit({verdict, reasons}: ImageVerdict): ExitCode {
  if (verdict !== 'could-not-check') return EXIT.failed
  const exits = reasons.map((reason): ExitCode => REASONS[reason].exit).filter((exit) => exit !== EXIT.missing)
  return exits.length === 0 ? EXIT.bug : worstExit(exits)
}

function named({image, path, repository, digest}: Place): Place {
  return {image, path, ...(repository !== undefined && {repository}), ...(digest !== undefined && {digest})}
}

import type {CanaryTurn} from '../../actions/admission/watch-canary.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'

const LOOK = {refused: MARKS.verified, admitted: MARKS.failed, unknown: MARKS['could-not-check']} as const

/** A line a turn: it may go on for months. */
export function renderTurn({answer, at, reason, message, lastRefused, record, unrecorded}: CanaryTurn): string {
  const why = answer === 'refused' ? '' : `  ${reason}: ${printable(message.replaceAll(/\s+/g, ' ')).slice(0, 300)}`
  const since = answer === 'refused' || lastRefused === undefined ? '' : `  last refused ${lastRefused}`
  const written = unrecorded === undefined ? (record === undefined ? '' : `  record ${record}`) : '  not recorded'
  return `${LOOK[answer]} ${at}  ${answer}${why}${since}${written}`
}

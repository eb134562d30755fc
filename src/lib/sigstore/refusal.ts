/** The answer about a signature that does not count. */
import type {ReasonCode} from '../errors.ts'
import type {SignatureCheck} from '../ports/signatures.ts'

export type Refusal = Extract<SignatureCheck, {state: 'failed'}>

export function refusal(reason: ReasonCode, message: string): Refusal {
  return {state: 'failed', reason, message}
}

export function isRefusal(value: object): value is Refusal {
  return 'state' in value && value.state === 'failed'
}

/** What a library says, as the end of a sentence: one line, and not for ever. */
export function wordsOf(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  return said.replace(/[^\x20-\x7e]+/g, ' ').slice(0, 200)
}

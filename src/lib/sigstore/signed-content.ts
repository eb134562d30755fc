/** What a verified claim says that it signs. Only now is the payload worth reading. */
import type {SignedContent} from '../ports/signatures.ts'
import {member, parseJson, textOf} from './bounded-json.ts'
import type {ClaimedContent} from './claim.ts'
import {refusal, type Refusal} from './refusal.ts'
import {readStatement} from './signed-statement.ts'
import {readSimpleSigning} from './simple-signing.ts'

/** A hint for messages is not worth more. */
const MAX_HINT_BYTES = 1024 * 1024

export function readContent(content: ClaimedContent): SignedContent | Refusal {
  switch (content.kind) {
    case 'message':
      return content
    case 'simple-signing':
      return readSimpleSigning(content.payload)
    case 'statement': {
      const statement = readStatement(content.payload)
      return statement === undefined ? refusal('attestation.invalid', 'the signed payload is not JSON') : {...content, statement}
    }
  }
}

/** With the claimed predicate type: a hint for messages only, because the payload is not trusted. */
export function withHint(refused: Refusal, content: ClaimedContent): Refusal {
  const predicateType = claimedPredicateType(content)
  return {...refused, ...(predicateType !== undefined && {predicateType})}
}

function claimedPredicateType(content: ClaimedContent): string | undefined {
  if (content.kind !== 'statement' || content.payload.byteLength > MAX_HINT_BYTES) return undefined
  const type = member(parseJson(textOf(content.payload) ?? ''), 'predicateType')
  return typeof type === 'string' ? type : undefined
}

/** Asks a question of a store with an index made for it alone. */
import {answerQuery, type AnswerRequest, type AnswerResult} from '../../../src/lib/actions/query/answer-query.ts'
import type {AnswerRow} from '../../../src/lib/queries/question.ts'
import type {EvidenceStore} from '../../../src/lib/ports/evidence-store.ts'
import {queryContext} from '../../fakes/query-context.ts'

export async function ask(store: EvidenceStore, name: string, request: Partial<AnswerRequest> = {}): Promise<AnswerResult> {
  const {context, remove} = await queryContext(store, {noRecord: true})
  try {
    return await answerQuery({name, fresh: false, ...request}, context)
  } finally {
    await remove()
  }
}

/** The columns named, of every row. */
export function pick({answer}: AnswerResult, ...names: string[]): unknown[][] {
  return answer.rows.map((row: AnswerRow) => names.map((name) => row[name]))
}

export function gapCodes({answer}: AnswerResult): string[] {
  return answer.ipe.gaps.map(({code}) => code)
}

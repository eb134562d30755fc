/** The records that are under a legal hold, oldest first, as the records about holds say. */
import {EXIT} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import {heldRecords, type HeldRecord} from './held-records.ts'

export interface ListHoldsResult {
  readonly exitCode: typeof EXIT.ok
  readonly store: string
  readonly holds: readonly HeldRecord[]
}

/** @throws AppError `record.*`, `store.*` */
export async function listHolds(context: Context): Promise<ListHoldsResult> {
  const store = await context.store()
  const holds = [...(await heldRecords(store)).values()].toSorted((a, b) => (a.since < b.since ? -1 : 1))
  return {exitCode: EXIT.ok, store: store.address, holds}
}

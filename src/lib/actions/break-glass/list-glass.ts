/** Every broken glass of the store, and what of it waits for a review. */
import {EXIT, type ExitCode} from '../../errors.ts'
import type {RecordOf} from '../../evidence/schema.ts'
import type {Context} from '../../ports/context.ts'
import {recordsOf} from '../evidence/records-of.ts'
import {glassBook, type BrokenGlass} from './glass-book.ts'

export interface GlassList {
  readonly exitCode: ExitCode
  readonly store: string
  /** Oldest first. */
  readonly glass: readonly BrokenGlass[]
  /** Records of those that have waited for a review for longer than a day. */
  readonly overdue: readonly string[]
}

const DAY = 86_400_000

/** @throws AppError `record.*`, `store.*` */
export async function listGlass(context: Context): Promise<GlassList> {
  const store = await context.store()
  const records: RecordOf<'break-glass'>[] = []
  for await (const record of recordsOf('break-glass', store)) records.push(record)
  const glass = glassBook(records)
  const limit = context.now().getTime() - DAY
  const overdue = glass.filter(({openSince}) => openSince !== undefined && Date.parse(openSince) < limit).map(({record}) => record)
  return {exitCode: overdue.length === 0 ? EXIT.ok : EXIT.failed, store: store.address, glass, overdue}
}

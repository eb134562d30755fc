/** Every broken glass of the store, and what of it waits for a review. */
import {EXIT, type ExitCode} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import type {BrokenGlass} from './glass-book.ts'
import {readGlass} from './read-glass.ts'

export interface GlassList {
  readonly exitCode: ExitCode
  readonly store: string
  /** Oldest first. */
  readonly glass: readonly BrokenGlass[]
  /** Records of those that are over without a review, or have waited for one for longer than a day. */
  readonly overdue: readonly string[]
}

const DAY = 86_400_000

/** @throws AppError `record.*`, `store.*`, `blob.*`, `policy.invalid`, `key.unreadable` */
export async function listGlass(context: Context): Promise<GlassList> {
  const {store, book: glass} = await readGlass(context)
  const now = context.now().getTime()
  const overdue = glass
    .filter(({openSince, expires}) => openSince !== undefined && (Date.parse(expires) < now || Date.parse(openSince) < now - DAY))
    .map(({record}) => record)
  return {exitCode: overdue.length === 0 ? EXIT.ok : EXIT.failed, store, glass, overdue}
}

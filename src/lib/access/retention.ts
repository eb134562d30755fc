/** How long evidence is kept: HIPAA asks for six years (45 CFR 164.316(b)(2)(i)), and this keeps seven. */

export const KEPT_YEARS = 7
/** The least that seven years are; with leap days they are one or two more. */
export const KEPT_DAYS = KEPT_YEARS * 365
const DAY = 86_400_000

/** When a version that came at `time` (UTC) may end at the earliest. */
export function earliestEnd(time: string): string {
  return new Date(Date.parse(time) + KEPT_DAYS * DAY).toISOString()
}

/** Days that a new date may lie ahead at most: of `years`, each with a leap day, and one for the clock. */
export function furthestDays(years: number): number {
  return years * 366 + 1
}

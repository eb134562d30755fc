/** What is to be typed, with the image's own name in it: the table of reasons knows none. */
import type {Check} from './model.ts'

/** @param image as a person types it */
export function nameImage(checks: readonly Check[], image: string): Check[] {
  return checks.map((check) => (check.fix === undefined ? check : {...check, fix: check.fix.replaceAll('<image>', () => image)}))
}

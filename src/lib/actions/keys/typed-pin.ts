/** The pin that somebody means by a digest, whole or by its beginning. Pure. */
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import {listPins} from './list-pins.ts'

/** What tables print of a digest: fewer would be met by chance. */
const SHORTEST = 12

/**
 * @param text hex of a pinned digest, with or without `sha256:`, at least twelve digits
 * @returns `sha256:<hex>`
 * @throws AppError `usage.flag` where no pin for signatures, or more than one, begins with it
 */
export function typedPin(text: string, config: Config): string {
  const pinned = [...new Set(listPins(config).flatMap(({role, spki}) => (role === 'signature' ? [spki] : [])))]
  const hex = text
    .replace(/^sha256:/, '')
    .replace(/…$/, '')
    .toLowerCase()
  if (!/^[0-9a-f]*$/.test(hex) || hex.length < SHORTEST || hex.length > 64)
    throw new AppError('usage.flag', `${text} is no digest: give all of it, or at least its first ${SHORTEST} hexadecimal digits`, candidates(pinned))
  const [found, ...others] = pinned.filter((spki) => spki.startsWith(`sha256:${hex}`))
  if (found === undefined) throw new AppError('usage.flag', `no environment pins ${text} for signatures`, candidates(pinned))
  if (others.length > 0) throw new AppError('usage.flag', `${text} begins more than one pinned digest`, candidates([found, ...others]))
  return found
}

function candidates(pinned: readonly string[]): {readonly fix: string} {
  return {fix: pinned.length === 0 ? 'hipaa-ci keys show' : `Pinned: ${pinned.join(', ')}`}
}

/** What every format says of a verdict, in plain words that no registry can bend. */
import type {VerifyResult} from '../../../actions/verify/record-verdict.ts'
import {WORDS} from '../marks.ts'
import {printable} from '../printable.ts'

export interface ShownCheck {
  readonly name: string
  readonly state: keyof typeof WORDS
  readonly reason: string | undefined
  /** One sentence. */
  readonly message: string
  /** What to type or do; undefined where nothing is wrong. */
  readonly fix: string | undefined
}

export interface Shown {
  /** The image by digest, the file or the digest. */
  readonly subject: string
  readonly verdict: string
  readonly checks: readonly ShownCheck[]
  /** By what, and as of when, it was judged. */
  readonly ground: string
}

export function shown({image, repository, digest, verdict, checks, environment, policy, asOf, record}: VerifyResult): Shown {
  return {
    subject: printable(digest === undefined ? image : `${repository ?? image.replace(/@sha256:.*$/, '')}${digest === image ? '' : `@${digest}`}`),
    verdict: WORDS[verdict],
    checks: checks.map(({name, state, reason, message, fix}) => ({
      name,
      state,
      reason,
      message: printable(message),
      fix: fix === undefined || state === 'verified' ? undefined : printable(fix),
    })),
    ground: `policy ${printable(environment)} sha256:${policy}, as of ${asOf}, ${record === undefined ? 'not recorded' : `record ${record}`}`,
  }
}

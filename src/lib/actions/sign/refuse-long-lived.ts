/** What does not end by itself, a key file or an AWS access key, is refused in CI unless it is allowed by name. */
import type {LongLived} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'

export interface LongLivedUse {
  readonly kind: LongLived
  /** For the message: `the key /project/cosign.key`. */
  readonly what: string
  /** By --allow-long-lived, where the command has it, beside what the configuration allows. */
  readonly byFlag?: readonly LongLived[]
}

/** @throws AppError `credentials.long-lived` */
export async function refuseLongLived({kind, what, byFlag}: LongLivedUse, {ci, config}: Pick<Context, 'ci' | 'config'>): Promise<void> {
  if ([...(config.signing['allow-long-lived'] ?? []), ...(byFlag ?? [])].includes(kind) || !(await ci()).ci) return
  const flag = byFlag === undefined ? '' : `, or --allow-long-lived ${kind}`
  throw new AppError('credentials.long-lived', `${what} does not end by itself, and this is a CI job`, {
    fix: `Sign with a key service and a role assumed by OIDC. To allow it all the same: \`signing.allow-long-lived: [${kind}]\`${flag}.`,
  })
}

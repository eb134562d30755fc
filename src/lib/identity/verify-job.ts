/** The job that this process runs in, as its platform vouches for it. Undefined where the platform offers no identity token. */
import {githubJob} from '../ci/github-job.ts'
import {gitlabJob} from '../ci/gitlab-job.ts'
import {tokenOffer} from '../ci/token-offer.ts'
import type {VerifiedJob} from '../ports/verified-job.ts'
import type {GetJson} from './get-json.ts'
import {issuerKeys} from './issuer-keys.ts'
import {requestToken} from './request-token.ts'
import {verifyToken} from './verify-token.ts'

export interface VerifyJobParts {
  readonly env: Readonly<Record<string, string | undefined>>
  readonly getJson: GetJson
  readonly now: Date
}

/** A token that is offered and cannot be had, or does not prove anything, is never taken for none. @throws AppError `identity.unreachable`, `identity.invalid` */
export async function verifyJob({env, getJson, now}: VerifyJobParts): Promise<VerifiedJob | undefined> {
  const offer = tokenOffer(env)
  if (offer === undefined) return undefined
  const token = offer.platform === 'github-actions' ? await requestToken(offer, getJson) : offer.token
  const {issuer, claims} = await verifyToken(token, {offer, now, keysOf: async (known) => issuerKeys(known, getJson)})
  return offer.platform === 'github-actions' ? githubJob(claims, issuer) : gitlabJob(claims, issuer)
}

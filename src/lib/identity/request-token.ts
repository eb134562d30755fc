/** Asks GitHub Actions for the job's identity token (docs.github.com, OpenID Connect reference, "Methods for requesting the OIDC token"). */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {TokenOffer} from '../ci/token-offer.ts'
import type {GetJson} from './get-json.ts'

const TokenAnswer = z.looseObject({value: z.string().min(1)})

/** @throws AppError `identity.unreachable`, `identity.invalid` */
export async function requestToken({address, bearer, audiences}: TokenOffer & {platform: 'github-actions'}, getJson: GetJson): Promise<string> {
  if (!URL.canParse(address)) throw new AppError('identity.invalid', 'ACTIONS_ID_TOKEN_REQUEST_URL is not an address')
  const url = new URL(address)
  url.searchParams.set('audience', audiences[0] ?? '')
  const answer = TokenAnswer.safeParse(await getJson({url, what: 'the identity token', bearer}))
  if (!answer.success) throw new AppError('identity.unreachable', `${url.host} answered without an identity token`)
  return answer.data.value
}

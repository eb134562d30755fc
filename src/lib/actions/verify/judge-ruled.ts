/** Images that others built, judged by the `images` rules: the digest that a rule lists, or the signature of whom it names. */
import type {ImageRule} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import {checkRevocation} from '../../policy/checks/revocation.ts'
import {approvalText, judgeByRules, type PinnedImage} from '../../policy/image-rules.ts'
import {conclude} from '../../policy/judge.ts'
import {rulesUntil} from '../../policy/verdict-until.ts'
import type {Check, Policy} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import {judgeImage, type Ground, type JudgedImage} from './judge-image.ts'
import {pinnedKeys} from '../policy/pinned-key.ts'
import {keyTexts, namedText, policyText} from '../policy/policy-text.ts'
import {readTrustedRoot} from '../policy/read-trust.ts'
import {digestOf} from '../policy/select-policy.ts'

export interface RuledImage extends JudgedImage {
  readonly policy: Policy
}

type RuleGround = Omit<Ground, 'policy'>

/** @param image as it was asked for. @throws AppError `policy.invalid`, `key.*` */
export async function judgeRuled(image: string, repository: string, ground: RuleGround, context: Context): Promise<RuledImage> {
  const {images} = context.config
  // A rule is about a digest, so the image is looked at first, trusting nobody.
  const nobody: Policy = {name: '(images)', digest: digestOf({images}), texts: [policyText({images})], keys: [], requires: {}}
  const seen = await judgeImage(image, repository, {...ground, policy: nobody}, context)
  const {digest, observation} = seen
  if (digest === undefined || observation === undefined) return {...seen, policy: nobody}
  const ruled = judgeByRules({repository, digest}, images, ground.asOf)
  if (ruled === undefined) throw new AppError('bug', `no images rule matches ${repository}`)
  if (ruled.verdict === 'if-signed') return judgeSigned({repository, digest}, ruled.rules, ground, context)
  const approval: Check =
    ruled.verdict === 'verified'
      ? {name: 'image', state: 'verified', message: ruled.message}
      : {name: 'image', state: 'failed', reason: ruled.reason, message: ruled.message}
  return {...seen, judgement: conclude([approval, checkRevocation(observation, ground.asOf)], 'image'), policy: nobody}
}

/** One rule that holds is enough; else the first says why not. @throws AppError `policy.invalid`, `key.*` */
export async function judgeSigned({repository, digest}: PinnedImage, rules: readonly ImageRule[], ground: RuleGround, context: Context): Promise<RuledImage> {
  let first: RuledImage | undefined
  let until = rulesUntil(repository, rules, ground.asOf)
  for (const rule of rules) {
    const policy = await rulePolicy(rule, context)
    const judged = await judgeImage(`registry:${repository}@${digest}`, repository, {...ground, policy}, context)
    until = Math.min(until, judged.until ?? Number.POSITIVE_INFINITY)
    if (judged.judgement.verdict === 'verified') {
      const approval: Check = {name: 'image', state: 'verified', message: approvalText(rule)}
      return {...judged, judgement: conclude([approval, ...judged.judgement.checks]), policy, until}
    }
    first ??= {...judged, policy}
  }
  if (first === undefined) throw new AppError('bug', 'no images rule to judge by')
  return {...first, until}
}

/** Who signs elsewhere names no repository of ours, and makes none of our statements. */
async function rulePolicy(rule: ImageRule, context: Context): Promise<Policy> {
  const where = `the images rule ${rule.match}`
  const {keys = [], identities = []} = rule
  const root = identities.length === 0 ? undefined : await readTrustedRoot(where, context)
  const pinned = await pinnedKeys(where, keys, context)
  const value = {rule, ...(root !== undefined && {'trusted-root': root.sha256})}
  return {
    name: '(images)',
    digest: digestOf(value),
    texts: [policyText(value), ...keyTexts({keys: pinned}), ...(root === undefined ? [] : [namedText('trusted-root.json', root.bytes)])],
    keys: pinned,
    identities,
    ...(root !== undefined && {trustedRoot: root.json}),
    unnamedRepository: 'allowed',
    requires: {},
  }
}

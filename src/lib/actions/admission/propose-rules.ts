/**
 * `images` rules that would cover what others built and would be refused, by the digest that runs, for a person to review.
 *
 * Rules: an approval is somebody's word, so `approved-by` stays empty, and a policy with an empty one is not valid. Never
 * about a repository of our own, and never about an image that was refused for what it is: a wrong signature, a revocation.
 * Where rules decide about a repository already, the new one has the same pattern: a more specific one would take their place.
 */
import {inline} from '../../config/inline-yaml.ts'
import type {Config, ImageRule} from '../../config/schema.ts'
import {AppError, type ReasonCode} from '../../errors.ts'
import {parseReference} from '../../images/reference.ts'
import {decidingRules} from '../../policy/image-rules.ts'
import type {PreviewedImage} from './previewed-image.ts'

export interface ProposedRule {
  readonly match: string
  readonly digests: readonly string[]
  /** What each is, and what has to be changed beside the rule. */
  readonly notes: readonly string[]
}

export interface ProposedRules {
  readonly rules: readonly ProposedRule[]
  /** Refused, and no rule would help, or none can be written: why. */
  readonly left: readonly {readonly image: string; readonly why: string}[]
  /** The last day of each rule, UTC. */
  readonly until: string
  /** The rules as YAML. */
  readonly text: string
}

interface Ground {
  readonly cluster: string
  readonly now: Date
  readonly rules: readonly ImageRule[]
  readonly environments: Config['environments']
}

const DAYS = 90
/** Refused because nobody spoke for it, not for what it is. */
const UNSPOKEN: ReadonlySet<ReasonCode> = new Set(['policy.unknown-image', 'policy.expired', 'policy.tag', 'policy.image-name'])

export function proposedRules(refused: readonly PreviewedImage[], ground: Ground): ProposedRules {
  const own = new Set(Object.values(ground.environments).flatMap(({repository}) => repository ?? []))
  const found = new Map<string, {digests: Set<string>; notes: Set<string>}>()
  const left: {image: string; why: string}[] = []
  for (const one of refused) {
    const named = pinnedAs(one)
    const why = !one.reasons.every((reason) => UNSPOKEN.has(reason))
      ? `refused for what it is: ${one.reasons.join(', ')}`
      : named.length === 0
        ? 'no node says which digest runs'
        : named.some(({repository}) => own.has(repository))
          ? 'an image of our own: sign it, and name it by digest'
          : undefined
    if (why !== undefined) left.push({image: one.image, why})
    for (const {repository, digest} of why === undefined ? named : []) {
      const match = decidingRules(repository, ground.rules)[0]?.match ?? repository
      const rule = found.get(match) ?? {digests: new Set(), notes: new Set()}
      found.set(match, rule)
      rule.digests.add(digest)
      rule.notes.add(noteOf(one, `${repository}@${digest}`))
    }
  }
  const rules = [...found]
    .map(([match, {digests, notes}]) => ({match, digests: [...digests].toSorted(), notes: [...notes].toSorted()}))
    .toSorted((a, b) => (a.match < b.match ? -1 : 1))
  const until = new Date(ground.now.getTime() + DAYS * 86_400_000).toISOString().slice(0, 10)
  return {rules, left, until, text: textOf(rules, until, ground)}
}

/** What the pod names by digest, else what a node says that it runs. */
function pinnedAs({image, runs}: PreviewedImage): {repository: string; digest: string}[] {
  const asNamed = pinned(image)
  return asNamed === undefined ? runs.flatMap((running) => pinned(running) ?? []) : [asNamed]
}

function pinned(text: string): {repository: string; digest: string} | undefined {
  try {
    const {repository, digest} = parseReference(text)
    return digest === undefined ? undefined : {repository, digest}
  } catch (error) {
    if (error instanceof AppError) return undefined
    throw error
  }
}

function noteOf({image, reasons, workloads}: PreviewedImage, pinnedName: string): string {
  const [first = '', ...others] = workloads
  const where = others.length === 0 ? first : `${first} and ${others.length} more`
  const byName = reasons.some((reason) => reason === 'policy.tag' || reason === 'policy.image-name')
  return `${image || '(no name)'} of ${where}: ${reasons.join(', ')}${byName ? `; its manifest has to name ${pinnedName}` : ''}`
}

function textOf(rules: readonly ProposedRule[], until: string, {cluster, now}: Ground): string {
  return [
    comment(`What runs on ${cluster} and would be refused, by digest, as hipaa-ci admission preview saw it on ${now.toISOString().slice(0, 10)}.`),
    comment('Each rule is an approval. Look at the image, then write into approved-by who takes it on, or take the rule out:'),
    comment('as long as one is empty, the policy is not valid.'),
    rules.length === 0 ? 'images: []' : 'images:',
    ...rules.flatMap(({match, digests, notes}) => [
      ...notes.map((note) => `  ${comment(note)}`),
      `  - match: ${inline(match)}`,
      '    digests:',
      ...digests.map((digest) => `      - ${inline(digest)}`),
      '    approved-by: ""',
      `    until: ${until}`,
    ]),
    '',
  ].join('\n')
}

/** Whoever wrote the pod chose the name: it must not end the comment. */
function comment(text: string): string {
  return `# ${text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/gu, '\uFFFD')}`
}

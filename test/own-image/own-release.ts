/** The policy of our own releases as it is shipped (`deploy/own-release/`), with registry, builder and keys of a test in place of its examples. */
import {readFileSync} from 'node:fs'

const shipped = (name: string): string => readFileSync(new URL(`../../deploy/own-release/${name}`, import.meta.url), 'utf8')

export interface OwnRelease {
  /** `127.0.0.1:PORT` */
  readonly registry: string
  readonly builder: string
  readonly source: string
  /** 64 hex of each public key. */
  readonly spki: Readonly<Record<'build' | 'approver' | 'promotion', string>>
}

/** @throws Error where an example is not in the shipped text any more, or one is left */
export function ownPolicy({registry, builder, source, spki}: OwnRelease): string {
  const changes: readonly (readonly [string, string])[] = [
    ['registry.example/', `${registry}/`],
    ['https://code.example/platform/builders/.github/workflows/secure-build.yml@refs/tags/v3', builder],
    ['git+https://code.example/platform/hipaa-ci@refs/heads/main', source],
    ['awskms:///alias/hipaa-ci-build', 'file:keys/build.key'],
    ['awskms:///alias/hipaa-ci-promotion', 'file:keys/promotion.key'],
    ['0'.repeat(64), spki.build],
    ['1'.repeat(64), spki.approver],
    ['2'.repeat(64), spki.promotion],
  ]
  let text = shipped('policy.yaml')
  for (const [example, real] of changes) {
    if (!text.includes(example)) throw new Error(`the policy of our own releases has no ${example}`)
    text = text.replaceAll(example, real)
  }
  if (/\.example\b|awskms:/.test(text)) throw new Error(`an example is left in it: ${text}`)
  return text
}

/** @param forge whose accounts people have */
export function ownIdentities(forge: string): string {
  return shipped('identities.yaml').replace('https://code.example', forge)
}

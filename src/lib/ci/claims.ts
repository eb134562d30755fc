/** Claims out of variables and git, made to fit the types of the record. Pure. */
import type {Principal} from '../evidence/schema.ts'

export type Environment = Readonly<Record<string, string | undefined>>

const LONGEST_NAME = 256
const LONGEST_CODE = 128
const MOST_AUTHORS = 64

/** Without control and formatting characters, and shortened visibly; undefined where nothing is left. */
export function name(value: string | undefined): string | undefined {
  const text = (value ?? '').replaceAll(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').trim()
  if (text === '') return undefined
  return text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME - 1).replace(/[\uD800-\uDBFF]$/, '')}…` : text
}

/** As a code without spaces: `build: [linux]` is `build-linux`. */
export function code(value: string | undefined): string | undefined {
  const text = (value ?? '')
    .replaceAll(/[^A-Za-z0-9._/:@#+-]+/g, '-')
    .replaceAll(/:?-+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, LONGEST_CODE)
    .replace(/[-:]+$/, '')
  return text === '' ? undefined : text
}

/** `owner/name`, or with more groups above. */
export function projectPath(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= LONGEST_NAME && /^[\w.-]+(?:\/[\w.-]+)+$/.test(value) ? value : undefined
}

/** A commit id, SHA-1 or SHA-256. */
export function commitId(value: string | undefined): string | undefined {
  return value !== undefined && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value) ? value : undefined
}

/** An absolute http(s) URL without credentials. */
export function webAddress(value: string | undefined): string | undefined {
  return value !== undefined && value.length <= 1024 && /^https?:\/\/[^\s@]+$/.test(value) ? value : undefined
}

export function claimed(id: string | undefined, issuer: string | undefined): Principal | undefined {
  const who = name(id)
  const by = name(issuer)
  return who === undefined || by === undefined ? undefined : {id: who, issuer: by, basis: 'claimed'}
}

/** Who wrote the commit, by what the commit says. */
export function authorsOf(addresses: readonly string[] = []): Principal[] {
  return addresses.flatMap((address) => claimed(address, 'git') ?? []).slice(0, MOST_AUTHORS)
}

/** More than a record holds, or more than git could see. */
export function lacksAuthors(git: {readonly authors: readonly string[]; readonly authorsPartial?: boolean} | undefined): {authorsPartial?: true} {
  return git?.authorsPartial === true || (git?.authors.length ?? 0) > MOST_AUTHORS ? {authorsPartial: true} : {}
}

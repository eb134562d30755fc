/**
 * Which of two image patterns is the more specific one, and whether that can be told. Pure.
 *
 * A name that is written out comes before every pattern. Of two patterns the one with the longer literal beginning comes
 * first; where both begin alike, the first place in which they differ decides: a letter before the end, the end before
 * `*`, `*` before `**`. Where both have another letter there, neither is more specific: two such patterns that can match one
 * repository are a fault of the policy.
 */

type Token = {readonly letter: string} | {readonly wild: '*' | '**'; readonly not: string}

/** Above zero where `a` is the more specific one, below where `b` is; zero where neither is. */
export function compareSpecificity(a: string, b: string): number {
  const exact = Number(!a.includes('*')) - Number(!b.includes('*'))
  if (exact !== 0) return exact
  const [left, right] = [tokens(a), tokens(b)]
  const at = Array.from({length: Math.max(left.length, right.length)}).findIndex((_, index) => shown(left[index]) !== shown(right[index]))
  return at === -1 ? 0 : rank(left[at]) - rank(right[at])
}

/** Pairs, by their places in the list, that can match one repository although neither is more specific. The same pattern twice is none. */
export function undecidedPairs(patterns: readonly string[]): (readonly [first: number, second: number])[] {
  return patterns.flatMap((pattern, second) =>
    patterns
      .slice(0, second)
      .flatMap((other, first) =>
        other !== pattern && compareSpecificity(other, pattern) === 0 && canMeet(tokens(other), tokens(pattern)) ? [[first, second] as const] : [],
      ),
  )
}

/** Is there a text that both match? Both are walked at once, each pair of places once. */
function canMeet(a: readonly Token[], b: readonly Token[]): boolean {
  const seen = new Set<string>()
  const waiting: [number, number][] = [[0, 0]]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [i, j] = next
    if (i === a.length && j === b.length) return true
    if (seen.has(`${i} ${j}`)) continue
    seen.add(`${i} ${j}`)
    const [left, right] = [a[i], b[j]]
    // A wildcard may stand for nothing, or take what the other one has.
    if (left !== undefined && 'wild' in left) waiting.push([i + 1, j], ...(takes(left, right) ? [[i, j + 1] as [number, number]] : []))
    if (right !== undefined && 'wild' in right) waiting.push([i, j + 1], ...(takes(right, left) ? [[i + 1, j] as [number, number]] : []))
    if (left !== undefined && right !== undefined && 'letter' in left && 'letter' in right && left.letter === right.letter) waiting.push([i + 1, j + 1])
  }
  return false
}

function takes({not}: Extract<Token, {wild: string}>, other: Token | undefined): boolean {
  return other !== undefined && 'letter' in other && !not.includes(other.letter)
}

/** In the host every wildcard stays within its label. */
function tokens(pattern: string): readonly Token[] {
  const slash = pattern.indexOf('/')
  const end = slash === -1 ? pattern.length : slash
  const host = parts(pattern.slice(0, end)).map((part): Token => (part.startsWith('*') ? {wild: '*', not: './'} : {letter: part}))
  const path = parts(pattern.slice(end)).map((part): Token => (part === '**' ? {wild: '**', not: ''} : part === '*' ? {wild: '*', not: '/'} : {letter: part}))
  return [...host, ...path]
}

function parts(text: string): string[] {
  return text.match(/\*\*|\*|[^*]/gsu) ?? []
}

function shown(token: Token | undefined): string {
  return token === undefined ? '' : 'letter' in token ? `=${token.letter}` : token.wild
}

function rank(token: Token | undefined): number {
  if (token === undefined) return 2
  if ('letter' in token) return 3
  return token.wild === '*' ? 1 : 0
}

/**
 * Blanks comments, and on request what stands inside strings, so that a search sees code alone. Offsets and lines stay.
 *
 * There is no TypeScript API to parse with, and the rules need no more than this.
 */

type Kind = 'code' | 'comment' | 'text'

/** @param keepText leave what strings say, for reading module names */
export function blank(source: string, keepText: boolean): string {
  const kinds = classify(source)
  return source
    .split('')
    .map((letter, at) => (letter === '\n' || kinds[at] === 'code' || (keepText && kinds[at] === 'text') ? letter : ' '))
    .join('')
}

function classify(source: string): Kind[] {
  // By code unit, so that offsets are those of the string.
  const letters = source.split('')
  const kinds: Kind[] = letters.map(() => 'code')
  /** For each open template literal, how many braces its `${` has open. */
  const templates: number[] = []
  let at = 0

  const mark = (kind: Kind, until: number): void => {
    for (; at < until && at < letters.length; at++) kinds[at] = kind
  }
  while (at < letters.length) {
    const letter = letters[at]
    const next = letters[at + 1]
    if (letter === '/' && next === '/') mark('comment', indexFrom(letters, '\n', at))
    else if (letter === '/' && next === '*') mark('comment', commentEnd(letters, at))
    else if (letter === "'" || letter === '"') quoted(letter)
    else if (letter === '`') template()
    else if (letter === '/' && regexMayStand(letters, kinds, at)) regex()
    else if (letter === '{' && templates.length > 0) step(1)
    else if (letter === '}' && templates.length > 0) closeBrace()
    else at++
  }
  return kinds

  function step(braces: number): void {
    templates[templates.length - 1] = (templates.at(-1) ?? 0) + braces
    at++
  }
  function closeBrace(): void {
    if (templates.at(-1) !== 0) return step(-1)
    templates.pop()
    template()
  }
  function quoted(quote: string): void {
    at++
    while (at < letters.length && letters[at] !== quote && letters[at] !== '\n') mark('text', at + (letters[at] === '\\' ? 2 : 1))
    at++
  }
  /** From a backtick, or from the brace that ends `${…}`, to the next of either. */
  function template(): void {
    at++
    while (at < letters.length) {
      if (letters[at] === '`') return void at++
      if (letters[at] === '$' && letters[at + 1] === '{') {
        at += 2
        templates.push(0)
        return
      }
      mark('text', at + (letters[at] === '\\' ? 2 : 1))
    }
  }
  function regex(): void {
    let inClass = false
    at++
    while (at < letters.length && letters[at] !== '\n' && (inClass || letters[at] !== '/')) {
      if (letters[at] === '[') inClass = true
      if (letters[at] === ']') inClass = false
      mark('text', at + (letters[at] === '\\' ? 2 : 1))
    }
    at++
  }
}

/** After a value a slash divides; elsewhere it opens a regular expression. */
function regexMayStand(letters: readonly string[], kinds: readonly Kind[], at: number): boolean {
  let before = at - 1
  while (before >= 0 && (kinds[before] === 'comment' || /\s/.test(letters[before] ?? ''))) before--
  const letter = letters[before] ?? ''
  if (!/[\w$)\]'"`]/.test(letter)) return true
  const word = /[\w$]*$/.exec(letters.slice(Math.max(0, before - 12), before + 1).join(''))?.[0] ?? ''
  return ['return', 'typeof', 'case', 'in', 'of', 'void', 'await', 'yield'].includes(word)
}

function indexFrom(letters: readonly string[], wanted: string, from: number): number {
  const found = letters.indexOf(wanted, from)
  return found === -1 ? letters.length : found
}

function commentEnd(letters: readonly string[], from: number): number {
  for (let at = from + 2; at < letters.length; at++) if (letters[at] === '*' && letters[at + 1] === '/') return at + 2
  return letters.length
}

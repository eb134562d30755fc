/** Somebody else's text on somebody else's terminal. */

/** What cannot be seen, or makes others unseen, is a question mark. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '?')
}

/** A text as one word of a POSIX shell, for commands that somebody is to type. */
export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

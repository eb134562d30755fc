/** An image by its whole name, within the width of a terminal: what does not fit one line stands on two. */
import {printable} from './printable.ts'

const WIDTH = 100

/** @param name repository, or what the user typed. @param digest `sha256:…` */
export function imageLines(name: string, digest: string | undefined): string[] {
  const whole = printable(digest === undefined ? name : `${name}@${digest}`)
  if (digest === undefined || whole.length + 2 <= WIDTH) return [`  ${whole}`]
  return [`  ${printable(name)}`, `  @${digest}`]
}

/** What the scripts for the shells share. Pure. */
import type {Place} from './model.ts'

/** The text of a script that completes `bin`. */
export type Script = (bin: string, places: readonly Place[]) => string

/** `_hipaa_ci` */
export function functionName(bin: string): string {
  return `_${bin.replaceAll(/[^A-Za-z0-9]/g, '_')}`
}

/** In single quotes, as bash and zsh read them. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

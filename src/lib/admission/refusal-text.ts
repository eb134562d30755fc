/**
 * What a person reads in `kubectl` when a pod is refused, or would be: for each image its name, the reason, a sentence, and
 * what to type. Others' text is made printable, and all of it is short.
 */
import {REASONS, type AppError} from '../errors.ts'
import type {ImageVerdict} from './image-verdict.ts'
import {printable} from './printable.ts'

/** Characters. */
const ALL_MAX = 2_000
const SENTENCE_MAX = 600
const NAME_MAX = 80

export interface RefusalOptions {
  /** Where an image was judged by one: then it can be verified by hand. */
  readonly environment?: string | undefined
  /** What becomes of it, where it was not refused: `will be refused`. */
  readonly fate?: string | undefined
}

export function refusalText(images: readonly ImageVerdict[], options: RefusalOptions = {}): string {
  const refused = distinct(images.filter(({allowed}) => !allowed))
  let text = ''
  for (const [at, image] of refused.entries()) {
    const next = `${text === '' ? '' : `${text} | `}${refusedImage(image, options)}`
    const rest = refused.length - at
    const more = ` | and ${rest} more ${rest === 1 ? 'image' : 'images'}`
    if (text !== '' && next.length > ALL_MAX - more.length) return text + more
    text = next
  }
  return cut(text, ALL_MAX)
}

/** Of a request that cannot be judged at all. */
export function faultText({code, message, suggestions}: AppError): string {
  return cut(`${code}: ${printable(sentence(cut(message, SENTENCE_MAX)))} ${suggestions.map(fixText).join(' ')}`, ALL_MAX)
}

function refusedImage({image, repository, digest, verdict, reasons, message, checks}: ImageVerdict, {environment, fate}: RefusalOptions): string {
  const full = repository !== undefined && digest !== undefined ? `${repository}@${digest}` : undefined
  const [reason] = reasons
  const fix = checks.find((check) => check.reason !== undefined && check.reason === reason)?.fix ?? (reason === undefined ? undefined : REASONS[reason].fix)
  const canVerify = full !== undefined && environment !== undefined && checks.length > 0 && verdict !== 'could-not-check'
  const parts = [
    `${shortName(image)}${fate === undefined ? '' : ` ${fate}`}: ${reasons.join(', ') || 'refused'}: ${sentence(cut(printable(message), SENTENCE_MAX))}`,
    // Whoever brings a pod is seldom who may sign: one command, which says all that there is to mend.
    ...(fix === undefined || (canVerify && isCommand(fix)) ? [] : [fixText(named(fix, full))]),
    ...(canVerify ? [`Run: hipaa-ci verify ${full} --environment ${environment}`] : []),
  ]
  return printable(parts.join(' '))
}

/** The last part of the name, and enough of the digest to tell it. */
function shortName(image: string): string {
  const short = image.slice(image.lastIndexOf('/') + 1).replace(/(@sha256:[0-9a-f]{12})[0-9a-f]+$/, '$1…')
  return printable(cut(short === '' ? '(no image)' : short, NAME_MAX))
}

function named(fix: string, full: string | undefined): string {
  return full === undefined ? fix : fix.replaceAll('<image>', () => full)
}

/** A command is to be typed, all else to be read. */
function fixText(fix: string): string {
  return isCommand(fix) ? `Run: ${fix}` : fix
}

function isCommand(fix: string): boolean {
  return fix.startsWith('hipaa-ci ')
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, '')}…`
}

/** The same image in two places is refused for the same reason. */
function distinct(images: readonly ImageVerdict[]): readonly ImageVerdict[] {
  return [...new Map(images.map((each): [string, ImageVerdict] => [`${each.image}\n${each.reasons.join(' ')}`, each])).values()]
}

/** What the argument parser refuses, and what it lets through empty, in our words. Pure. */
import {stripVTControlCharacters} from 'node:util'
import {Errors} from '@oclif/core'
import {AppError} from '../errors.ts'
import {suggest} from './suggest.ts'

/** Flags that the parser adds to every command. */
const EVERYWHERE = ['help', 'json']

/**
 * An unknown, missing or badly formed flag or argument. Undefined where `error` is none of the parser's.
 * @param flagNames without dashes, for the suggestion
 */
export function usageError(error: unknown, flagNames: readonly string[]): AppError | undefined {
  // What a flag of ours says of its value: the parser has put its own words around it.
  if (error instanceof AppError && error.message.startsWith('Parsing --'))
    return new AppError(error.code, parserWords(error.message), {cause: error, ...(error.suggestions[0] !== undefined && {fix: error.suggestions[0]})})
  if (!(error instanceof Errors.CLIError) || error.oclif.exit === 0) return undefined
  if ('flags' in error && isTextList(error.flags)) return unknownFlags(error.flags, flagNames, error)
  if ('args' in error && isTextList(error.args)) return new AppError('usage.flag', `unexpected argument ${error.args.join(' ')}`, {cause: error})
  if ('args' in error && Array.isArray(error.args)) {
    const names = error.args.map((argument: {name?: string}) => (argument.name ?? 'argument').toUpperCase())
    return new AppError('usage.flag', `missing ${names.join(' and ')}`, {cause: error})
  }
  return new AppError('usage.flag', parserWords(error.message), {cause: error})
}

/**
 * An empty value is most often a variable that was not set: never the same as leaving it out.
 * @throws AppError `usage.empty`, naming every one
 */
export function refuseEmpty(flags: Readonly<Record<string, unknown>>, args: Readonly<Record<string, unknown>>): void {
  const empty = [...emptyNames(args).map((name) => name.toUpperCase()), ...emptyNames(flags).map((name) => `--${name}`)]
  if (empty.length > 0) throw new AppError('usage.empty', `${empty.join(' and ')} ${empty.length > 1 ? 'are' : 'is'} empty`)
}

/**
 * A flag that makes a command do another thing, beside what that thing does not take.
 * @param others names of what was given but belongs to no such call
 * @throws AppError `usage.flag`
 */
export function refuseBeside(flag: string, others: readonly string[]): void {
  if (others.length > 0) throw new AppError('usage.flag', `${flag} is given alone, and not with ${others.join(', ')}`)
}

/** Of an argument that only some calls of a command need. */
export function missingArgument(name: string): AppError {
  return new AppError('usage.flag', `missing ${name}`)
}

function emptyNames(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values).flatMap(([name, value]) => (isEmpty(value) || (Array.isArray(value) && value.some(isEmpty)) ? [name] : []))
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'string' && value.trim() === ''
}

function unknownFlags(given: readonly string[], flagNames: readonly string[], cause: Error): AppError {
  // What follows `=` may be a secret.
  const flags = given.map((flag) => flag.replace(/=.*/s, ''))
  const words = flags.map((flag) => {
    const near = suggest(flag.replace(/^-+/, ''), [...flagNames, ...EVERYWHERE])
    return near === undefined ? flag : `${flag} (did you mean --${near}?)`
  })
  return new AppError('usage.flag', `unknown flag${flags.length > 1 ? 's' : ''} ${words.join(', ')}`, {cause})
}

/** The parser's sentence without its headings, colours and advice. */
function parserWords(message: string): string {
  const lines = stripVTControlCharacters(message)
    .split('\n')
    .map((line) => line.replace(/See more help with --help$/, '').trim())
    .filter((line) => line !== '' && !/^The following errors? occurred:$/.test(line))
  const flag = /^Parsing (--\S+)$/.exec(lines[0] ?? '')?.[1]
  const text = (flag === undefined ? lines : lines.slice(1)).join('; ')
  if (flag !== undefined) return `${flag}: ${/^[A-Z][a-z]/.test(text) ? `${text.charAt(0).toLowerCase()}${text.slice(1)}` : text}`
  const words = text.replaceAll(/\b(missing required flag) ([a-z])/gi, '$1 --$2')
  return /^[A-Z][a-z]/.test(words) ? `${words.charAt(0).toLowerCase()}${words.slice(1)}` : words
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'string')
}

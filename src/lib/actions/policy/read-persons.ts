/** The file that `identities` names: who is who. Every fault of it is named at once, with its line. */
import {readDocument} from '../../config/document.ts'
import {AppError} from '../../errors.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {PersonsFile, readPersons as index, type Persons} from '../../policy/persons.ts'
import {pinnedFile, type PolicyFiles} from './pinned-file.ts'

const MAX_SHOWN = 20

export interface ReadPersons {
  readonly persons: Persons
  /** Of the file, hex: who counts as one person is a part of the policy. */
  readonly sha256: string
  readonly bytes: Uint8Array
}

/** Undefined where the configuration names no such file. @throws AppError `policy.invalid` */
export async function readPersons(context: PolicyFiles): Promise<ReadPersons | undefined> {
  const named = context.config.identities
  if (named === undefined) return undefined
  const {bytes, path} = await pinnedFile(named, 'identities', context, 'Write it: each person with the names they act under.')
  const read = index(parse(Buffer.from(bytes).toString('utf8'), path))
  if ('twice' in read) throw new AppError('policy.invalid', `${path}: ${read.twice} stands for two persons`)
  return {persons: read.persons, sha256: sha256Hex(bytes), bytes}
}

function parse(text: string, path: string): PersonsFile {
  const document = readDocument(text)
  if (document.faults.length > 0) throw invalid(document.faults.map(({position, message}) => `${path}:${position.line}:${position.column}: ${message}`))
  const parsed = PersonsFile.safeParse(document.value)
  if (parsed.success) return parsed.data
  throw invalid(
    parsed.error.issues.map(({path: at, message}) => {
      const keys = at.map((step) => (typeof step === 'symbol' ? String(step) : step))
      const {line, column} = document.valueAt(keys)
      return `${path}:${line}:${column}: ${keys.length === 0 ? '' : `${keys.join('.')}: `}${message}`
    }),
  )
}

function invalid(lines: readonly string[]): AppError {
  const shown = [...lines.slice(0, MAX_SHOWN), ...(lines.length > MAX_SHOWN ? [`and ${lines.length - MAX_SHOWN} more`] : [])]
  return new AppError('policy.invalid', lines.length === 1 ? shown.join('') : `${lines.length} faults in who is who\n  ${shown.join('\n  ')}`)
}

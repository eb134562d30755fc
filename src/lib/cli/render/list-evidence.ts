import type {ListedRecord, ListEvidenceResult} from '../../actions/evidence/list-evidence.ts'
import {MARKS, shortDigest} from './marks.ts'
import {printable} from './printable.ts'
import {textTable} from './text-table.ts'

const HEADINGS = ['time', 'stream', 'outcome', 'subject', 'record']

/** @param width characters a line */
export function renderEvidenceList({store, records, total}: ListEvidenceResult, width = 120): string {
  if (total === 0) return `${MARKS.missing} no such records in ${printable(store)}`
  const table = textTable(HEADINGS, records.map(row), width)
  return total > records.length ? `${table}\n\nthe newest ${records.length} of ${total}; --limit shows more` : table
}

function row({time, stream, state, outcome, says, subject, id}: ListedRecord): string[] {
  return [
    time.slice(0, 19).replace('T', ' '),
    stream,
    state === 'whole' ? (says ?? outcome ?? '') : state.toUpperCase(),
    printable(shortSubject(subject ?? '')),
    id,
  ]
}

/** `patient-api@sha256:9f86d081…`: the host and the rest of the digest are in the record. */
function shortSubject(subject: string): string {
  const [repository = '', digest] = subject.split('@')
  if (digest === undefined) return subject.replace('urn:hipaa-ci:', '')
  return `${repository.split('/').slice(-2).join('/')}@${shortDigest(digest)}`
}

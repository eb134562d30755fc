import type {VerifyEvidenceResult} from '../../actions/verify-evidence.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'

/** Findings in full; a store that was hit hard has thousands. */
const SHOWN = 50

const HEADLINES = {
  verified: 'every record is in its place and unchanged',
  failed: 'the evidence has been changed, or is not what it claims to be',
  missing: 'the evidence is unchanged, and not complete',
} as const

export function renderVerifyEvidence({store, verdict, records, runs, blobs, blobsRead, findings}: VerifyEvidenceResult): string {
  return [
    `${MARKS[verdict]} ${HEADLINES[verdict]}`,
    `  ${printable(store)}: ${count(records, 'record')} of ${count(runs, 'run')}, ${count(blobs, 'blob')}${blobsRead ? '' : ' (not read)'}`,
    ...findings.slice(0, SHOWN).flatMap(lines),
    ...(findings.length > SHOWN ? ['', `  … and ${findings.length - SHOWN} more; --json names them all`] : []),
  ].join('\n')
}

function lines({code, key, message}: EvidenceFinding): string[] {
  return ['', `  ${code}: ${printable(message)}`, `    ${printable(key)}`]
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

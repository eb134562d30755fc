import chalk from 'chalk'
import type {VerifyEvidenceResult} from '../../actions/evidence/verify-evidence.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {MARKS} from './marks.ts'
import {paragraph, printable} from './printable.ts'

/** Findings in full; a store that was hit hard has thousands. */
const SHOWN = 50
const WIDTH = 100
/** As `evidence/run-manifest.ts` words it. */
const STEP = /^step (\S+)( of run .*)$/

const HEADLINES = {
  verified: 'every record is in its place and unchanged',
  failed: 'the evidence has been changed, or is not what it claims to be',
  missing: 'the evidence is unchanged, and not complete',
} as const

export function renderVerifyEvidence({store, verdict, records, runs, blobs, blobsRead, findings, notes, does_not_prove: open}: VerifyEvidenceResult): string {
  const shown = inOneLine(findings)
  return [
    `${MARKS[verdict]} ${HEADLINES[verdict]}`,
    `  ${printable(store)}: ${count(records, 'record')} of ${count(runs, 'run')}, ${count(blobs, 'blob')}${blobsRead ? '' : ' (not read)'}`,
    ...notes.flatMap((note) => paragraph('  note: ', note, WIDTH)),
    ...(verdict === 'verified' ? paragraph('  not proven: ', open.join('; '), WIDTH).map((line) => chalk.dim(line)) : []),
    ...shown.slice(0, SHOWN).flatMap(lines),
    ...(shown.length > SHOWN ? ['', `  … and ${shown.length - SHOWN} more; --json names them all`] : []),
  ].join('\n')
}

/** The steps that one run's end misses, as one finding. */
function inOneLine(findings: readonly EvidenceFinding[]): EvidenceFinding[] {
  const groups = Map.groupBy(findings, ({code, key}, index) => (code === 'run.missing-step' ? key : index))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined || group.length === 1) return group
    const said = group.map(({message}) => STEP.exec(message))
    const steps = said.flatMap((match) => match?.[1] ?? [])
    const message = steps.length === group.length ? `steps ${steps.join(', ')}${said[0]?.[2] ?? ''}` : group.map((one) => one.message).join('; ')
    return [{...first, message}]
  })
}

function lines({code, key, message}: EvidenceFinding): string[] {
  return ['', ...paragraph('  ', printable(`${code}: ${message}`), WIDTH), ...(code === 'run.missing-step' ? [] : [`    ${printable(key)}`])]
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

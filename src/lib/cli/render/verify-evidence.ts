import chalk from 'chalk'
import type {VerifyEvidenceResult} from '../../actions/evidence/verify-result.ts'
import {EXIT, REASONS, type ReasonCode} from '../../errors.ts'
import type {EvidenceFinding} from '../../evidence/chain-link.ts'
import {MARKS} from './marks.ts'
import {paragraph, printable} from './printable.ts'

/** Findings of one reason that are shown; a store that was hit hard has thousands. */
const SHOWN = 10
const WIDTH = 100
/** As `evidence/run-manifest.ts` words it. */
const STEP = /^step (\S+)( of run .*)$/

const HEADLINES = {
  verified: 'every record is in its place and unchanged',
  failed: 'the evidence has been changed, or is not what it claims to be',
  missing: 'the evidence is unchanged, and not complete',
} as const
const UNCOMPARED = 'what was kept outside cannot be compared with the log, so nothing is proven by it'
const EMPTY = 'there is no record, so nothing can be said of it'
/** Without a log nobody can say that it is what it was: names and chains can be made anew with everything. */
const UNSEALED = 'every record is in its place and in order with itself'
const WEAK = 'the evidence is unchanged, and not kept as it has to be'

export function renderVerifyEvidence(result: VerifyEvidenceResult): string {
  const {findings, notes, does_not_prove: open} = result
  const groups = [...Map.groupBy(inOneLine(findings), ({code}) => code).values()]
  return [
    `${MARKS[result.verdict]} ${headline(result)}`,
    ...counts(result),
    ...notes.flatMap((note) => paragraph('  note: ', note, WIDTH)),
    ...paragraph('  not proven: ', open.join('; '), WIDTH).map((line) => chalk.dim(line)),
    ...groups.flatMap(groupLines),
    ...nextSteps(groups.flatMap(([first]) => first?.code ?? [])),
  ].join('\n')
}

/** Several reasons can have one way out. */
function nextSteps(codes: readonly ReasonCode[]): string[] {
  const fixes = [...new Set(codes.map((code) => REASONS[code].fix))]
  return fixes.length === 0 ? [] : ['', ...fixes.flatMap((fix) => paragraph('  → ', fix, WIDTH))]
}

function headline({verdict, records, log, findings, exitCode}: VerifyEvidenceResult): string {
  if (findings.length > 0 && findings.every(({code}) => code.startsWith('anchor.'))) return UNCOMPARED
  if (exitCode === EXIT.failed) return WEAK
  if (verdict === 'missing' && records === 0) return EMPTY
  return verdict === 'verified' && log === null ? UNSEALED : HEADLINES[verdict]
}

function counts({store, records, runs, blobs, blobsRead, log, unsealed, continues}: VerifyEvidenceResult): string[] {
  const first = `  ${printable(store)}: ${count(records, 'record')} of ${count(runs, 'run')}, ${count(blobs, 'blob')}${blobsRead ? '' : ' (not read)'}`
  if (log === null) return [first]
  const signed = log.checkpoint === null ? 'no checkpoint that counts' : `checkpoint ${log.checkpoint.n}`
  const tail = unsealed === 0 ? '' : `, ${unsealed} not sealed`
  return [
    first,
    `  sealed as ${printable(log.origin)}: ${log.size} in ${count(log.newest.n, 'seal')}, the newest of ${log.newest.sealed_at}, ${signed}${tail}`,
    `  root ${log.root}`,
    ...continues.map(({from, size}) => `  continues the log of ${count(size, 'record')} in ${printable(from)}`),
  ]
}

function groupLines(group: readonly EvidenceFinding[]): string[] {
  const rest = group.length - SHOWN
  return [...group.slice(0, SHOWN).flatMap(lines), ...(rest > 0 ? ['', `  … and ${rest} more of ${group[0]?.code}; --json names them all`] : [])]
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

import chalk from 'chalk'
import type {JudgedProof, VerifyProofResult} from '../../actions/ledger/verify-proof.ts'
import {MARKS} from './marks.ts'
import {paragraph, printable} from './printable.ts'

const WIDTH = 100

export function renderVerifyProof({proofs, proves, does_not_prove: open}: VerifyProofResult): string {
  const verified = proofs.filter(({verdict}) => verdict === 'verified').length
  const said =
    verified === 0 ? [] : ['', ...paragraph('  proven: ', proves, WIDTH), ...paragraph('  not proven: ', open.join('; '), WIDTH).map((line) => chalk.dim(line))]
  const sum = proofs.length === 1 ? [] : ['', `${verified} of ${proofs.length} proofs hold`]
  return [...proofs.flatMap((proof, at) => [...(at > 0 ? [''] : []), ...lines(proof)]), ...said, ...sum].join('\n')
}

function lines(proof: JudgedProof): string[] {
  const file = printable(proof.file)
  if (proof.verdict === 'failed')
    return [`${MARKS.failed} ${file}: ${proof.reason}`, ...paragraph('  ', printable(proof.why), WIDTH), ...paragraph('  ', printable(proof.fix), WIDTH)]
  const {record, sha256, leaf, index, log} = proof
  const {system, environment, outcome, actor} = record.data
  const who = actor.human ?? actor.workload
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['record', `${record.id}, ${record.stream}, ${outcome}`],
    ['time', `${record.time}, by its writer's clock`],
    ['stored', `${leaf.last_modified}, by the store's clock`],
    ['subject', record.subject],
    ['system', `${system}, ${environment}`],
    ['by', who === undefined ? undefined : `${who.id} (${who.issuer}, ${who.basis})`],
    ['digest', `sha256:${sha256}`],
    ['log', `${log.origin}: number ${index + 1} of ${log.size}`],
    ['root', log.root],
    ['key', log.signed_by],
  ]
  return [
    `${MARKS.verified} ${file}: the record is in the log`,
    ...rows.flatMap(([name, text]) => (text === undefined ? [] : [`  ${name.padEnd(8)}${printable(text)}`])),
  ]
}

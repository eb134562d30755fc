import type {Anchored} from '../../actions/ledger/anchor-checkpoint.ts'
import type {SealEvidenceResult} from '../../actions/ledger/seal-evidence.ts'
import {MARKS} from './marks.ts'
import {paragraph, printable} from './printable.ts'
import {quantity} from './quantity.ts'

/** Findings in full; a store that was hit hard has thousands. */
const SHOWN = 50
const WIDTH = 100
const SEARCHED = {recent: 'the last days', window: 'the last 35 days', all: 'everything'} as const

export function renderSealEvidence({store, origin, seal, size, root, checkpoint, added, searched, anchors, findings}: SealEvidenceResult): string {
  return [
    `${findings.length === 0 ? MARKS.verified : MARKS.failed} ${headline(added, findings.length)}`,
    `  ${printable(store)}: searched ${SEARCHED[searched]}`,
    ...(seal === 0 ? [] : [`  log ${printable(origin)}: ${quantity(size, 'record')} in ${quantity(seal, 'seal')}`, `  root ${root}`]),
    ...(checkpoint === undefined
      ? []
      : [
          '',
          ...checkpoint
            .trimEnd()
            .split('\n')
            .map((line) => `  ${printable(line)}`.trimEnd()),
        ]),
    ...(anchors.length === 0 ? [] : ['', ...anchors.flatMap(anchorLines)]),
    ...findings.slice(0, SHOWN).flatMap(({code, key, message}) => ['', ...paragraph('  ', printable(`${code}: ${message}`), WIDTH), `    ${printable(key)}`]),
    ...(findings.length > SHOWN ? ['', `  … and ${findings.length - SHOWN} more; --json names them all`] : []),
  ].join('\n')
}

function anchorLines(anchor: Anchored): string[] {
  const what = printable(`${anchor.kind === 'copy' ? 'copied to' : 'timestamp by'} ${anchor.where}`)
  if (anchor.state !== 'failed') {
    const time = anchor.time === undefined ? '' : `: there by ${anchor.time}`
    return [`  ${MARKS.verified} ${what}${time}${anchor.state === 'present' ? ' (before)' : ''}`]
  }
  const failed = anchor.kind === 'copy' ? 'not copied to' : 'no timestamp by'
  return [
    `  ${MARKS.failed} ${failed} ${printable(anchor.where)} (the seal stands; the next call tries again)`,
    ...paragraph('    ', printable(`${anchor.code}: ${anchor.message}`), WIDTH),
  ]
}

function headline({seals, records}: SealEvidenceResult['added'], findings: number): string {
  if (findings > 0) return `${quantity(findings, 'finding')}; ${records === 0 ? 'nothing was sealed' : `${quantity(records, 'record')} sealed`}`
  if (seals === 0) return 'nothing new to seal'
  return records === 0 ? 'nothing new; a seal as a sign of life' : `${quantity(records, 'record')} sealed`
}

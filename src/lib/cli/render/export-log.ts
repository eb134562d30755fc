import type {ExportResult} from '../../actions/ledger/export-log.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'
import {quantity} from './quantity.ts'

export function renderExport({out, origin, size, root, keys, written, present}: ExportResult): string {
  return [
    `${MARKS.verified} the log ${printable(origin)}, ${size} record${size === 1 ? '' : 's'}, is in ${printable(out)}`,
    `  root ${root}`,
    `  ${quantity(written, 'file')} written beside the checkpoint, ${present} were there and are right`,
    ...keys.map((key) => `  key  ${printable(key)}`),
  ].join('\n')
}

import type {HeldNow, HoldRecordsResult} from '../../actions/retention/hold-records.ts'
import type {ListHoldsResult} from '../../actions/retention/list-holds.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'
import {quantity} from './quantity.ts'
import {textTable} from './text-table.ts'

export function renderHold({action, records}: HoldRecordsResult): string {
  return records.map((one) => [`${MARKS.verified} ${one.record} ${says(action, one)}`, ...rest(one)].join('\n')).join('\n')
}

/** @param width characters a line */
export function renderHolds({holds}: ListHoldsResult, width = 120): string {
  if (holds.length === 0) return `${MARKS['not-checked']} no record is under a hold`
  const cells = holds.map(({record, reason, ticket, since, objects, by}) => [record, reason, ticket ?? '', since, String(objects), by].map(printable))
  return textTable(['record', 'reason', 'ticket', 'since', 'objects', 'by record'], cells, width)
}

function says(action: HoldRecordsResult['action'], {objects, changed}: HeldNow): string {
  if (action === 'add') return changed ? `is held: ${quantity(objects, 'object')}` : 'was under this hold already; nothing was written'
  return changed ? `is held no longer: ${quantity(objects, 'object')}` : 'was under no hold; nothing was written'
}

function rest({kept, by}: HeldNow): string[] {
  return [
    ...(kept === 0 ? [] : [`  ${quantity(kept, 'blob')} of it stay held: another record under a hold names them`]),
    ...(by === undefined ? [] : [`  recorded as ${by}`]),
  ]
}

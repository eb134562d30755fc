import type {EmitResult} from '../../actions/evidence/emit-evidence.ts'
import {REASONS} from '../../errors.ts'
import {MARKS} from './marks.ts'

const SHOWN = 10

export function renderEmit({stream, records, reason}: EmitResult): string {
  const outcomes = [...Map.groupBy(records, ({outcome}) => outcome)].map(([outcome, {length}]) => `${length} ${outcome}`).join(', ')
  return [
    `${MARKS.verified} recorded ${records.length} ${stream} ${records.length === 1 ? 'record' : 'records'} (${outcomes})`,
    ...records.slice(0, SHOWN).map(({id, outcome}) => `  ${id}  ${outcome}`),
    ...(reason === undefined ? [] : [`${MARKS.failed} ${REASONS[reason].meaning}  (${reason})`]),
    ...(records.length > SHOWN ? [`  … and ${records.length - SHOWN} more: hipaa-ci evidence ls --stream ${stream}`] : []),
  ].join('\n')
}

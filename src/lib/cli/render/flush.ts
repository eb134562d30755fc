import type {FlushResult} from '../../actions/evidence/flush-spool.ts'
import {MARKS} from './marks.ts'
import {quantity} from './quantity.ts'

const SHOWN = 20

export function renderFlush({spool, there, store, records, blobs, deliveries, refused, fault}: FlushResult): string {
  const mark = refused.length > 0 ? MARKS.failed : fault === undefined ? MARKS.verified : MARKS['could-not-check']
  const done =
    records + blobs === 0
      ? `nothing was delivered from ${spool}`
      : `delivered ${quantity(records, 'record')} and ${quantity(blobs, 'blob')} from ${spool} to ${store}`
  return [
    `${mark} ${records + blobs === 0 && refused.length === 0 && fault === undefined ? (there ? `nothing waits in ${spool}` : `there is no spool at ${spool}, so nothing waits there`) : done}`,
    ...deliveries.map((id) => `  accounted for by record ${id}`),
    ...refused.slice(0, SHOWN).map(({key, code, message}) => `  ${MARKS.failed} ${key}: ${message}  (${code})`),
    ...(refused.length > SHOWN ? [`  … and ${refused.length - SHOWN} more`] : []),
    ...(refused.length > 0 ? ['  what is refused stays there: move it aside, find out who wrote it, and flush again'] : []),
    ...(fault === undefined ? [] : [`  ${MARKS.failed} ${fault.message}  (${fault.code})`, '  the rest waits: run the same command again']),
  ].join('\n')
}

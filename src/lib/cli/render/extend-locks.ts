import type {ExtendLocksResult} from '../../actions/retention/extend-locks.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'
import {quantity} from './quantity.ts'

const SHOWN = 50

export function renderExtend({store, dryRun, versions, extended, first, refused, unread}: ExtendLocksResult): string {
  return [
    `${refused.length + unread.length > 0 ? MARKS.failed : MARKS.verified} ${headline(dryRun, extended, refused.length, unread.length)}`,
    `  ${printable(store)}: ${quantity(versions, 'version')} looked at`,
    ...first.slice(0, SHOWN).map(({key, from, to}) => `  ${printable(key)}: ${from?.slice(0, 10) ?? 'not locked'} → ${to.slice(0, 10)}`),
    ...(extended > SHOWN ? [`  … and ${extended - SHOWN} more; --json names the first thousand`] : []),
    ...refused.slice(0, SHOWN).map(({message}) => `  ${MARKS.failed} ${printable(message)} (store.refused)`),
    ...unread
      .slice(0, SHOWN)
      .flatMap(({key, message}) => [`  ${MARKS.failed} which blobs it names is not known: ${printable(message)}`, `    ${printable(key)}`]),
    ...(refused.length > SHOWN ? [`  … and ${refused.length - SHOWN} more were refused`] : []),
  ].join('\n')
}

function headline(dryRun: boolean, extended: number, refused: number, unread: number): string {
  const done = `${quantity(extended, 'lock')} ${dryRun ? 'would be extended' : 'extended'}`
  if (refused > 0) return `${done}, and ${refused} could not be`
  if (unread > 0) return `${done}, and ${quantity(unread, 'record')} cannot be read`
  return extended === 0 ? 'no lock ends too early' : done
}

import type {ExtendLocksResult} from '../../actions/retention/extend-locks.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'
import {quantity} from './quantity.ts'

const SHOWN = 50

export function renderExtend({store, dryRun, versions, extended, first, refused}: ExtendLocksResult): string {
  return [
    `${refused.length > 0 ? MARKS.failed : MARKS.verified} ${headline(dryRun, extended, refused.length)}`,
    `  ${printable(store)}: ${quantity(versions, 'version')} looked at`,
    ...first.slice(0, SHOWN).map(({key, from, to}) => `  ${printable(key)}: ${from?.slice(0, 10) ?? 'not locked'} → ${to.slice(0, 10)}`),
    ...(extended > SHOWN ? [`  … and ${extended - SHOWN} more; --json names the first thousand`] : []),
    ...refused.slice(0, SHOWN).map(({message}) => `  ${MARKS.failed} ${printable(message)} (store.refused)`),
    ...(refused.length > SHOWN ? [`  … and ${refused.length - SHOWN} more were refused`] : []),
  ].join('\n')
}

function headline(dryRun: boolean, extended: number, refused: number): string {
  const done = `${quantity(extended, 'lock')} ${dryRun ? 'would be extended' : 'extended'}`
  if (refused > 0) return `${done}, and ${refused} could not be`
  return extended === 0 ? 'no lock ends too early' : done
}

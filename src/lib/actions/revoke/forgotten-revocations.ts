/**
 * Is every revocation that the published list knows in the store that the next list is made from?
 *
 * From an empty store, or from a copy of last week, a list could be signed that silently lets all of them run again.
 */
import {AppError} from '../../errors.ts'
import {shownAddress} from '../../evidence/web-address.ts'
import type {Context} from '../../ports/context.ts'
import {pinnedKey} from '../policy/pinned-key.ts'
import {listBytes, readList} from './read-revocations.ts'

/**
 * @param known ids of all records of the stream
 * @throws AppError `record.vanished`, `policy.invalid`, `key.unreadable`
 */
export async function refuseForgotten(known: ReadonlySet<string>, context: Context): Promise<void> {
  const configured = context.config.revocations
  if (configured === undefined) return
  const {from, key} = configured
  const bytes = await listBytes(from, context)
  const list = bytes instanceof Uint8Array ? await readList(bytes, from, await pinnedKey('`revocations`', key, context), context) : bytes
  if ('state' in list) {
    if (list.state === 'failed') context.progress.note(`not compared with the list of before: ${list.message}`)
    return
  }
  const gone = list.revoked.filter(({record}) => !known.has(record))
  const [first] = gone
  if (first === undefined) return
  throw new AppError(
    'record.vanished',
    `the list in ${shownAddress(from)} names ${gone.length} revocations of which the store has no record, first ${first.record} of ${first.digest}`,
    {
      fix: 'Give the store that has them: --store. If they are lost, record them again (hipaa-ci revoke), and move the old list away.',
    },
  )
}

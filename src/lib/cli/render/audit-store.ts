import type {AuditStoreResult} from '../../actions/retention/audit-store.ts'
import {MARKS} from './marks.ts'
import {paragraph, printable} from './printable.ts'
import {quantity} from './quantity.ts'

const WIDTH = 100
/** A store that was hit hard has thousands. */
const SHOWN = 50

const HEADLINES = {
  0: [MARKS.verified, 'the evidence is locked'],
  1: [MARKS.failed, 'the evidence is not locked as it should be'],
  4: [MARKS['could-not-check'], 'what was seen is locked, but this role may not see all'],
  5: [MARKS.failed, 'somebody hid or doubled evidence'],
  6: [MARKS.missing, 'there is nothing here that could be locked'],
} as const

export function renderAudit(result: AuditStoreResult): string {
  const {exitCode, store, records, blobs, counts, findings, record, unseen} = result
  const [mark, headline] = HEADLINES[exitCode === 0 || exitCode === 4 || exitCode === 5 || exitCode === 6 ? exitCode : 1]
  const total = counts.reduce((sum, {count}) => sum + count, 0)
  return [
    `${mark} ${headline}`,
    `  ${printable(store)}: ${quantity(records, 'record')}, ${quantity(blobs, 'blob')}`,
    ...settingsLines(result),
    ...unseen.map(({what, right}) => `  ${MARKS['could-not-check']} ${printable(what)}: needs ${right}`),
    ...notes(result).flatMap((note) => paragraph('  note: ', note, WIDTH)),
    ...counts.map(({code, count}) => `  ${MARKS.failed} ${code}: ${count}`),
    ...findings.slice(0, SHOWN).flatMap(({code, key, message}) => ['', ...paragraph('  ', printable(`${code}: ${message}`), WIDTH), `    ${printable(key)}`]),
    ...(total > SHOWN ? ['', `  … and ${total - Math.min(SHOWN, findings.length)} more; --json names the first thousand`] : []),
    '',
    record === undefined ? 'not recorded' : `recorded as ${record}`,
  ].join('\n')
}

function settingsLines({settings, lockedUntil}: AuditStoreResult): string[] {
  const {versioning, objectLock, defaultRetention: retention} = settings
  return [
    `  versioning ${versioning}, Object Lock ${objectLock}, default retention ${retention === undefined ? 'none' : `${retention.mode} ${retention.days} days`}`,
    ...(lockedUntil === undefined ? [] : [`  locks end from ${lockedUntil.earliest.slice(0, 10)} to ${lockedUntil.latest.slice(0, 10)}`]),
  ]
}

function notes({oneIn, behind, loopholes}: AuditStoreResult): string[] {
  const open = (loopholes ?? []).filter(({principals}) => principals.includes('*')).map(({action}) => action)
  const named = [...new Set((loopholes ?? []).flatMap(({principals}) => principals.filter((one) => one !== '*')))]
  return [
    ...(oneIn === undefined ? [] : [`only a sample was read: the lock of one version in ${oneIn}; blobs are held only against records of the sample`]),
    ...(behind === 0 ? [] : [`${quantity(behind, 'blob')} will end before a record that names them, by less than a month so far: hipaa-ci evidence extend`]),
    ...(loopholes === undefined ? ["who may remove evidence is not known: the bucket's policy could not be read"] : []),
    ...(open.length === 0 ? [] : [`the bucket's policy denies not everybody ${open.join(', ')}: who may is up to IAM, of this account and others`]),
    ...(named.length === 0 ? [] : [`the bucket's policy leaves out of its denials ${named.map(printable).join(', ')}`]),
  ]
}

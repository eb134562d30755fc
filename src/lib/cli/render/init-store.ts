import type {InitStoreResult} from '../../actions/store/init-store.ts'
import {KEPT_YEARS} from '../../access/retention.ts'
import {MARKS} from './marks.ts'
import {paragraph, printable} from './printable.ts'

const WIDTH = 100

export function renderInitStore(result: InitStoreResult): string {
  const store = printable(result.store)
  const {reason, faults, unseen, terraform, kind} = result
  if (reason === 'store.unfit')
    return [
      `${MARKS.failed} ${store} does not keep what is written from being changed or removed (store.unfit)`,
      ...faults.map((fault) => `  ${MARKS.failed} ${printable(fault)}`),
      ...unseen.map(unseenLine),
      '',
      'What makes it right:',
      '',
      terraform ?? '',
    ].join('\n')
  if (reason === 'store.refused')
    return [
      `${MARKS['could-not-check']} ${store} could not be checked: this role may not see all of it (store.refused)`,
      ...unseen.map(unseenLine),
      '',
      'The auditor has these rights: hipaa-ci store policy --role auditor',
    ].join('\n')
  return [
    `${MARKS.verified} ${store} ${kind === 'folder' ? 'is there' : 'keeps what is written'}`,
    ...(kind === 'folder' ? FOLDER : bucketLines(result)),
    '',
    result.written === undefined ? `For hipaa-ci.yaml:\n  store: ${JSON.stringify(result.store)}` : `${printable(result.written)} names it as the store.`,
  ].join('\n')
}

const FOLDER = paragraph(
  '  ',
  'A folder is tamper-evident, not tamper-proof: it locks nothing, and shows what was changed only to who keeps a checkpoint elsewhere (hipaa-ci evidence checkpoint --letter).',
  WIDTH,
)

function bucketLines({settings, loopholes = []}: InitStoreResult): string[] {
  const retention = settings?.defaultRetention
  const open = loopholes.filter(({principals}) => principals.includes('*')).map(({action}) => action)
  return [
    `  versioning         ${settings?.versioning}`,
    `  Object Lock        ${settings?.objectLock}`,
    `  default retention  ${retention?.mode}, ${retention?.days} days (${KEPT_YEARS} years or more)`,
    ...(open.length === 0
      ? []
      : [
          '',
          ...paragraph('  note: ', `the bucket's policy denies not everybody ${open.join(', ')}; a lock keeps versions, but not from being hidden.`, WIDTH),
          '  hipaa-ci store policy --format bucket prints one that does.',
        ]),
  ]
}

function unseenLine({what, right}: InitStoreResult['unseen'][number]): string {
  return `  ${MARKS['could-not-check']} ${printable(what)}: needs ${right}`
}

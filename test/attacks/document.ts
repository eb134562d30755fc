/** `docs/evidence-verify.md` out of the rows. Pure. */
import {LOCK_ROWS} from './lock-rows.ts'
import {LOG_ROWS} from './log-rows.ts'
import {OBJECT_ROWS} from './object-rows.ts'
import {OUTSIDE_ROWS} from './outside-rows.ts'
import type {AttackRow} from './row.ts'
import {TIME_ROWS} from './time-rows.ts'

export const ATTACK_ROWS: readonly AttackRow[] = [...OBJECT_ROWS, ...LOG_ROWS, ...TIME_ROWS, ...OUTSIDE_ROWS]

export function attackPage(): string {
  const sections = [
    section('Records and blobs', OBJECT_ROWS),
    section('The log', LOG_ROWS),
    section('Times, runs, and a log that is behind', TIME_ROWS),
    section('What lies elsewhere', OUTSIDE_ROWS),
    section('Locks', LOCK_ROWS),
  ]
  return `${[HEAD, ...sections].join('\n\n')}\n`
}

const HEAD = `# What \`evidence verify\` finds

<!-- Written by \`UPDATE_DOCS=1 npm test -- test/lib/actions/evidence/attacks.test.ts\` from test/attacks/; a test holds them equal. -->

Every row is an attack by somebody who may do everything in the store, and a test: what is found, and that nothing else is. *bucket* is
one with versions and Object Lock, *folder* a folder store, *copy* the objects of a bucket in a folder. An attack with **†** takes rights
that nobody has in a bucket whose versions are locked in the mode COMPLIANCE; it is found all the same.

The command only reads: in a bucket it takes the right to list versions and to get them. The log is read first, then everything that is
listed. What is found ends with exit 5 where evidence was altered, deleted, hidden, added or forked, whatever else was found; with 1
where only locks are too weak; with 6 where something is missing or late.

- In a bucket the list of versions is compared with what was sealed: version, size and time. \`--full\` reads every record and blob, holds
  it to its leaf, and looks at locks as they are now, also those of seals and checkpoints.
- In a folder nothing but the bytes shows a change, so all are read, always.
- \`--since-checkpoint FILE\` takes a checkpoint that was kept elsewhere. The log has to have that root at that size. In a bucket only what
  was sealed after it is read (after the oldest, where \`--anchor\` gives more); what was sealed before is known by the list alone: seals,
  second versions, delete markers, and how many there are of each day of the five weeks before.
- Nothing that lies in the store itself counts as kept elsewhere, and is refused.
- A copy shows keys and bytes. It cannot show second versions, delete markers, locks as they are now, or when something came that is not
  sealed.

What stays open is printed with every result: without a checkpoint that was kept elsewhere, that the log was not cut off at its end or
made anew by whoever holds its key; without \`--writers\`, who wrote a record; and always, that a run was recorded at all.`

function section(title: string, rows: readonly AttackRow[]): string {
  return [`## ${title}`, '', '| attack | where | found | exit | by |', '| --- | --- | --- | --- | --- |', ...rows.map(line)].join('\n')
}

function line({attack, on, finds, exit, by, needsUnlocked}: AttackRow): string {
  const codes = [...new Set(finds)].map((code) => `\`${code}\``).join(', ')
  return `| ${attack}${needsUnlocked === true ? ' †' : ''} | ${on.join(', ')} | ${codes} | ${exit} | ${by} |`
}

/** The table of roles in `docs/store.md`. */
import {ROLE_NAMES, ROLES, type Right} from '../src/lib/access/roles.ts'

export function roleTable(): string {
  const rows = ROLE_NAMES.map((name) => {
    const {duty, writes, rights} = ROLES[name]
    return `| \`${name}\` | ${duty} | ${writes.map((stream) => `\`${stream}\``).join(' ') || '-'} | ${rights.map(rightText).join('; ') || '-'} |`
  })
  return ['| role | who | writes records of | may also |', '|---|---|---|---|', ...rows].join('\n')
}

/** By its `sid`; a right that has no words stands there as it is. */
const WORDS: Readonly<Record<string, string>> = {
  ListVersions: 'list keys and versions',
  ReadVersions: 'read every version, its lock and hold',
  ReadLog: 'read the log',
  SeeSettings: "see the bucket's settings",
  SetHolds: 'set and lift holds (`PutObjectLegalHold`)',
  WriteLog: 'put below `log/`',
  WriteCopies: 'put and read below `log/` of `sealing.copies`',
  ExtendLocks: 'set a lock (`PutObjectRetention`): COMPLIANCE alone, and not for ever',
}

function rightText({sid, actions}: Right): string {
  return WORDS[sid] ?? actions.join(' ')
}

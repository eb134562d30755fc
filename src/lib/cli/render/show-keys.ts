import type {ShowKeysResult, ShownPin, ShownSealing, ShownSigningKey} from '../../actions/keys/show-keys.ts'
import {MARKS, shortDigest} from './marks.ts'
import {printable} from './printable.ts'
import {textTable} from './text-table.ts'

const HEADINGS = ['where', 'for', 'key', 'from', 'until', 'state', 'file']
const ROLES: Readonly<Record<ShownPin['role'], string>> = {
  signature: 'signatures',
  promotion: 'promotion',
  approval: 'approvals',
  'image-rule': 'image rule',
  revocations: 'revocations',
  floor: 'platform policy',
}

/** @param width characters a line */
export function renderKeys({signing, sealing, keys}: ShowKeysResult, width = 120): string {
  const table = keys.length === 0 ? `${MARKS.missing} no key is pinned: nothing can be trusted` : textTable(HEADINGS, keys.map(row), width)
  return [table, ...digests(keys), signingLine(signing), ...(sealing === undefined ? [] : [sealingLines(sealing)])].join('\n\n')
}

/** All of each digest, once, as --compromised and --retire take it. */
function digests(keys: readonly ShownPin[]): string[] {
  const files = new Map(keys.map(({spki, file}) => [spki, file]))
  return files.size === 0 ? [] : [[...files].map(([spki, file]) => printable(`${spki}  ${file}`)).join('\n')]
}

function row({environment, role, person, match, spki, from, until, state, signs, file}: ShownPin): string[] {
  const where = environment ?? match ?? '-'
  const duty = person === undefined ? ROLES[role] : `${ROLES[role]} by ${person}`
  const cells = [where, duty, shortDigest(spki), from ?? '', until ?? '', `${state}${signs === true ? ', signs here' : ''}`, file]
  return cells.map((cell) => printable(cell))
}

function sealingLines({origin, reference, keys}: ShownSealing): string {
  const by = reference === undefined ? 'is not sealed here' : `is sealed with ${reference}`
  const counting = keys.length === 0 ? ['its own public half counts'] : keys.map((key) => `counts: ${key}`)
  return [`${MARKS['not-checked']} the log ${origin} ${by}`, ...counting.map((line) => `  ${line}`)].map((line) => printable(line)).join('\n')
}

function signingLine(signing: ShownSigningKey): string {
  if (signing.state === 'none') return `${MARKS['not-checked']} no signing key is configured here`
  const reference = printable(signing.reference)
  if (signing.state === 'unknown') return `${MARKS['could-not-check']} ${reference} could not be asked: ${printable(signing.message)} (${signing.reason})`
  const who = `${reference}, ${shortDigest(signing.spki)}`
  if (signing.state === 'pinned') return `${MARKS.verified} signs with ${who}`
  return signing.state === 'not-trusted'
    ? `${MARKS.failed} signs with ${who}, and no environment trusts it now: nothing that it signs is accepted`
    : `${MARKS.missing} signs with ${who}, which no environment pins: nothing that it signs is accepted`
}

/** What docs/store.md shows is what the program takes, and what its roles may do. The table of roles is generated: `npm run docs`. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {roleTable} from '../scripts/role-table.ts'
import {ROLE_NAMES, ROLES, type RoleName} from '../src/lib/access/roles.ts'
import {readDocument} from '../src/lib/config/document.ts'
import {Config} from '../src/lib/config/schema.ts'
import {REASONS} from '../src/lib/errors.ts'
import {parseStoreAddress} from '../src/lib/evidence/store-address.ts'
import {assertNone} from './rules/assert-none.ts'

const page = readFileSync(new URL('../docs/store.md', import.meta.url), 'utf8')
const [store = '', writers = ''] = [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text)

function configOf(text: string) {
  const {value, faults} = readDocument(`version: 1\nsystem: patient-api\n${text}`)
  assert.deepEqual(faults, [])
  return Config.parse(value)
}

describe('docs/store.md', () => {
  it('has an address that is one', () => {
    assert.deepEqual(parseStoreAddress(configOf(store).store), {kind: 's3', bucket: 'acme-evidence', prefix: 'prod/', region: 'eu-central-1'})
  })

  it('has writers that write what their roles may', () => {
    const named = Object.entries(configOf(writers).writers ?? {})
    assert.ok(named.length > 0)
    for (const [role, {streams}] of named) assert.deepEqual(streams, ROLES[role as RoleName].writes, role)
  })

  it('says of every role in words what it may, and names them all', () => {
    assertNone(ROLE_NAMES.filter((role) => !page.includes(`| \`${role}\` |`)))
    assert.doesNotMatch(roleTable(), /s3:/)
  })

  it('gives the findings of an audit the exit codes that they have', () => {
    const rows = [...page.matchAll(/^\| ((?:`[a-z.-]+` ?)+) \| (\d) \|/gm)]
    const codes = rows.flatMap(([, names = '', exit]) => [...names.matchAll(/`([a-z.-]+)`/g)].map(([, code = '']) => [code, Number(exit)] as const))
    assert.ok(codes.length >= 11)
    for (const [code, exit] of codes) assert.equal(REASONS[code as keyof typeof REASONS].exit, exit, code)
  })
})

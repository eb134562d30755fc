import assert from 'node:assert/strict'
import type {z} from 'zod'
import {redactRecord} from '../../../../src/lib/evidence/redaction/record.ts'
import {redactionKey} from '../../../../src/lib/evidence/redaction/token.ts'
import {JsonValue} from '../../../../src/lib/evidence/primitives.ts'
import {STREAM_SCHEMAS, type DetailOf, type EvidenceRecord} from '../../../../src/lib/evidence/schema.ts'
import type {Stream} from '../../../../src/lib/evidence/streams.ts'
import {EvidenceWriter, hex, image} from '../../../fakes/evidence-writer.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {CREDENTIAL_CANARIES} from './canaries.ts'

const SSN = '078-05-1120'
const writer = () => new EvidenceWriter(memoryStore())
const record = <S extends Stream>(stream: S, detail: DetailOf<S>): EvidenceRecord => writer().seal(stream, detail).record
const test = (name: string) => record('test', {name, passed: 1, failed: 0, skipped: 0})
const custom = (value: z.core.util.JSONType) => record('custom', {schema: hex('schema'), name: 'drill', value})
const detailOf = (one: EvidenceRecord) => redactRecord(one, undefined).data.detail as unknown

describe('redaction of a record', () => {
  it('rewrites text, counts it, and leaves the rest', () => {
    const before = test(`${SSN} twice ${SSN}`)
    const after = redactRecord(before, undefined)
    assert.deepEqual(after.data.detail, {name: '[redacted:ssn] twice [redacted:ssn]', passed: 1, failed: 0, skipped: 0})
    assert.deepEqual(after.data.redaction, {rules: before.data.redaction.rules, count: before.data.redaction.count + 2})
    assert.deepEqual({...after, data: undefined}, {...before, data: undefined})
  })

  it('gives a clean record back as it is', () => {
    const clean = test('unit')
    assert.equal(redactRecord(clean, undefined), clean)
  })

  it('uses the key', () => {
    assert.match(JSON.stringify(redactRecord(test(SSN), redactionKey(Buffer.alloc(16)))), /\[redacted:ssn:[0-9a-f]{8}:[0-9a-f]{16}\]/)
  })

  it('leaves who acted, but for credentials', () => {
    const admission = (user: string): EvidenceRecord =>
      record('admission', {
        cluster: 'prod', uid: 'u', user, groups: [], namespace: 'n', kind: 'Pod', owner_chain: [], operation: 'CREATE', dry_run: false,
        mode: 'enforce', image: image('a'), path: 'spec.containers[0]', signatures_tried: [], verdict: 'verified', reasons: [],
      }) // prettier-ignore
    assert.equal(redactRecord(admission('jane@example.com'), undefined).data.redaction.count, 0)
    for (const {text, value} of CREDENTIAL_CANARIES.filter((one) => one.text.length < 200))
      assert.ok(!JSON.stringify(detailOf(admission(text))).includes(value), text)
  })

  it('never looks at digests, ids, times, versions and package URLs', () => {
    const digits = '0780511200'.repeat(7).slice(0, 64)
    const before = record('signature', {
      signer: {spki: digits},
      repository: 'r.example/a',
      credential_kind: 'kms',
      subjects: [`sha256:${digits}`],
      bundle: digits,
      manifest: `sha256:${digits}`,
    })
    assert.equal(redactRecord(before, undefined), before)
  })

  it('walks lists, unions and records', () => {
    const scan = record('scan', {kind: 'code', mode: 'source', counts: {error: 1}, platforms: [], unscanned: [{what: '/home/jane/a.ts', reason: 'parse'}]})
    assert.deepEqual((detailOf(scan) as DetailOf<'scan'>).unscanned, [{what: '/home/[redacted:home]/a.ts', reason: 'parse'}])
    const query = record('query', {
      name: 'component',
      version: 1,
      sql: hex('sql'),
      parameters: {component: 'log4j', ssn: '078051120'},
      rows: 0,
      head: 'not-sealed',
    })
    assert.deepEqual((detailOf(query) as DetailOf<'query'>).parameters, {component: 'log4j', ssn: '[redacted:ssn]'})
    const attestation = record('attestation', {
      signer: {issuer: ['https://u:secret', 'pw@idp.example'].join('-'), identity: 'a'}, predicate_type: 'https://spdx.dev/Document', subjects: [],
      statement: hex('s'), bundle: hex('b'), manifest: `sha256:${hex('m')}`,
    }) // prettier-ignore
    assert.match(JSON.stringify(detailOf(attestation)), /https:\/\/u:\[redacted:url-password\]@idp\.example/)
  })

  it("looks at every string of somebody else's JSON, with its key", () => {
    const clean = detailOf(custom({note: `for ${SSN}`, list: [{password: 'correct horse'}, null, true, 1], at: '2026-01-02'})) as DetailOf<'custom'>
    assert.deepEqual(clean.value, {note: 'for [redacted:ssn]', list: [{password: '[redacted:password]'}, null, true, 1], at: '2026-01-02'})
  })

  describe('fails closed', () => {
    const failed = (path: string, rule: string) => (error: Error & {code: string}) => {
      assert.equal(error.code, 'redaction.failed')
      assert.ok(error.message.startsWith(path) && error.message.includes(`(rule ${rule})`), error.message)
      assert.ok(!error.message.includes(SSN) && !error.message.includes('12345678'), 'the value itself is never told')
      return true
    }

    it('on a code', () => {
      const gate = record('gate', {policy: hex('p'), counts: {}, decision: 'fail', reasons: [{code: `a${SSN}`.slice(1)}], waivers: [], scans: []})
      assert.throws(() => redactRecord(gate, undefined), failed('data.detail.reasons.0.code', 'ssn'))
    })

    it('on a key', () => {
      assert.throws(() => redactRecord(custom({by: {[SSN]: 1}}), undefined), failed('data.detail.value.by', 'ssn'))
    })

    it('on a number', () => {
      assert.throws(() => redactRecord(custom({mrn: 12_345_678}), undefined), failed('data.detail.value.mrn', 'mrn'))
    })

    it('on text that outgrows its limit', () => {
      assert.throws(() => redactRecord(test(`${'x '.repeat(122)}${SSN}`), undefined), failed('data.detail.name', 'ssn'))
    })
  })

  it('stops at a shape that it does not know', () => {
    const clean = test('unit')
    for (const strange of [
      {...clean, source: null},
      {...clean, more: 'x'},
    ])
      assert.throws(() => redactRecord(strange as unknown as EvidenceRecord, undefined), {code: 'bug'})
  })

  it('knows every type that a schema is made of', () => {
    const known = new Set(['array', 'boolean', 'enum', 'literal', 'never', 'number', 'object', 'optional', 'record', 'string', 'union'])
    const seen = new Set<unknown>()
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null || seen.has(value) || value === JsonValue) return
      seen.add(value)
      if ('def' in value && typeof value.def === 'object' && value.def !== null && 'type' in value.def)
        assert.ok(known.has(String(value.def.type)), String(value.def.type))
      // Whatever else hangs on a schema is met as well: shapes, elements, options.
      for (const next of Object.values('def' in value && typeof value.def === 'object' && value.def !== null ? value.def : value)) visit(next)
    }
    visit(STREAM_SCHEMAS)
    assert.ok(seen.size > 100)
  })
})

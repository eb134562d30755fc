/** The checked-in JSON Schema is what the source says, and judges as the source does. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {Ajv2020} from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import {evidenceSchemaText} from '../../../scripts/evidence-schema.ts'
import {EvidenceRecord, STREAMS, type Stream} from '../../../src/lib/evidence/schema.ts'
import {EvidenceWriter, hex, image} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'

const text = readFileSync(new URL('../../../schemas/evidence-1.json', import.meta.url), 'utf8')

/** One record of each stream. */
async function samples(): Promise<Record<Stream, object>> {
  const writer = new EvidenceWriter(memoryStore())
  const subject = image('a')
  const attestation = {
    signer: {issuer: 'https://issuer.example', identity: 'ci'},
    predicate_type: 'https://spdx.dev/Document',
    subjects: [],
    statement: hex('s'),
    bundle: hex('b'),
    manifest: `sha256:${hex('m')}`,
  }
  const records = [
    await writer.start(writer.run(), ['test']),
    await writer.sbom(subject, []),
    await writer.scan(subject),
    await writer.gate(subject, 'pass'),
    await writer.signature(subject),
    await writer.write('attestation', attestation),
    await writer.verification(subject, 'verified'),
    await writer.write('approval', {
      to: 'production',
      person: 'jo',
      signer: {spki: hex('jo')},
      statement: hex('s'),
      bundle: hex('b'),
      manifest: `sha256:${hex('m')}`,
    }),
    await writer.write('promotion', {
      from: 'registry.example/team/app',
      to: 'registry.example/prod/app',
      tags: [{tag: 'v1', was: `sha256:${hex('o')}`}, {tag: 'latest'}],
      signer: {spki: hex('promotion')},
      signature: hex('b'),
      verification: hex('v'),
      policy: hex('policy'),
      approvals: [{person: 'jo', signer: {spki: hex('jo')}, bundle: hex('b')}],
    }),
    await writer.write('revocation', {action: 'revoke', what: `sha256:${hex('m')}`, reason: 'malicious', since: '2026-03-02T08:00:00.000Z'}),
    await writer.write('key', {action: 'retired', what: hex('key'), environments: ['production'], day: '2026-03-02'}),
    await writer.admission(subject),
    await writer.deployment(subject),
    await writer.write('test', {name: 'unit', passed: 1, failed: 0, skipped: 0}),
    await writer.write('query', {name: 'rejected', version: 1, sql: hex('sql'), parameters: {since: '1h'}, rows: 0, head: 'not-sealed'}),
    await writer.write('custom', {schema: hex('schema'), name: 'drill', value: {minutes: [1, null, {a: true}]}}),
  ]
  return Object.fromEntries(records.map(({record}) => [record.stream, record])) as Record<Stream, object>
}

describe('schemas/evidence-1.json', () => {
  const ajv = new Ajv2020({strict: true, strictTypes: false, allErrors: true})
  formats.default(ajv)
  const validate = ajv.compile(JSON.parse(text) as object)

  it('is what the source says', () => {
    assert.equal(text, evidenceSchemaText(), 'npm run schema')
  })

  it('accepts a record of every stream', async () => {
    const records = await samples()
    assert.deepEqual(Object.keys(records).toSorted(), STREAMS.toSorted())
    for (const [stream, record] of Object.entries(records)) assert.ok(validate(record), `${stream}: ${ajv.errorsText(validate.errors)}`)
  })

  it('refuses what the source refuses', async () => {
    for (const record of Object.values(await samples())) {
      for (const name of Object.keys(record)) {
        const {[name]: removed, ...rest} = record as Record<string, unknown>
        for (const wrong of [rest, {...rest, [name]: 7.5}, {...rest, [name]: ''}, {...rest, [name]: removed, extra: 1}])
          assert.equal(validate(wrong), EvidenceRecord.safeParse(wrong).success, name)
      }
    }
  })
})

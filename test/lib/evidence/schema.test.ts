/** The checked-in JSON Schema is what the source says, and judges as the source does. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {Ajv2020} from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import {evidenceSchemaText} from '../../../scripts/evidence-schema.ts'
import {EvidenceRecord} from '../../../src/lib/evidence/schema.ts'
import {STREAMS, type Stream} from '../../../src/lib/evidence/streams.ts'
import {oneOfEach} from '../../fakes/one-of-each.ts'

const text = readFileSync(new URL('../../../schemas/evidence-1.json', import.meta.url), 'utf8')

async function samples(): Promise<Record<Stream, object>> {
  return Object.fromEntries((await oneOfEach()).map(({record}) => [record.stream, record])) as Record<Stream, object>
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

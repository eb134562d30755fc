/** The canary corpus in what tools write: reports, SBOMs, logs, archives. What is stored does not hold the value in any form, or nothing was stored. */
import assert from 'node:assert/strict'
import process from 'node:process'
import {gunzipSync, gzipSync} from 'node:zlib'
import {redactBlob} from '../../../../src/lib/evidence/redaction/blob.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {STREAM_SCHEMAS} from '../../../../src/lib/evidence/schema.ts'
import {createRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {implicitRun} from '../../../../src/lib/stores/implicit-run.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {recorderParts} from '../../../fakes/recorder-parts.ts'
import {CONTACT_CANARIES, LABELLED} from './canaries.ts'
import {CORPUS} from './corpus.ts'
import {formsOf} from './forms-of.ts'

interface Form {
  readonly name: string
  readonly mediaType: string
  readonly write: (text: string) => string | Uint8Array
  /** Author e-mails and telephone numbers of public packages stay. */
  readonly isSbom?: boolean
}

const xml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
const sarif = (text: string) => ({
  version: '2.1.0',
  runs: [{tool: {driver: {name: 'semgrep'}}, results: [{ruleId: 'x', message: {text: 'found'}, locations: [{physicalLocation: {region: {snippet: {text}}}}]}]}],
})
const log = (text: string) => `2026-03-02T08:00:00Z INFO start\r\n2026-03-02T08:00:01Z DEBUG ${text}\r\n2026-03-02T08:00:02Z INFO end\r\n`
/** One file in a tar: a header of 512 bytes, content, zeros. */
const tar = (text: string) => Buffer.concat([Buffer.from('log.txt'.padEnd(512, '\0')), Buffer.from(text), Buffer.alloc(1024)])

const FORMS: readonly Form[] = [
  {
    name: 'JUnit, in system-out',
    mediaType: 'application/xml',
    write: (text) => `<testsuite><testcase name="a"/><system-out>${xml(text)}</system-out></testsuite>`,
  },
  {name: 'JUnit, in CDATA', mediaType: 'application/xml', write: (text) => `<testsuite><system-err><![CDATA[\n${text}\n]]></system-err></testsuite>`},
  {name: 'SARIF, in a snippet', mediaType: 'application/sarif+json', write: (text) => JSON.stringify(sarif(text), undefined, 2)},
  {name: 'SARIF, as a key', mediaType: 'application/sarif+json', write: (text) => JSON.stringify({...sarif('x'), properties: {[text]: 1}})},
  {
    name: 'SPDX, in a comment',
    mediaType: 'application/spdx+json',
    isSbom: true,
    write: (text) => JSON.stringify({spdxVersion: 'SPDX-2.3', packages: [{name: 'a', comment: text}]}),
  },
  {
    name: 'CycloneDX, in a property',
    mediaType: 'application/vnd.cyclonedx+json',
    isSbom: true,
    write: (text) => JSON.stringify({components: [{name: 'a', properties: [{name: 'note', value: text}]}]}),
  },
  {name: 'a log with CRLF', mediaType: 'text/plain', write: log},
  {name: 'a very long line', mediaType: 'text/plain', write: (text) => `${'lorem ipsum '.repeat(5000)}${text} ${'dolor '.repeat(1000)}`},
  {name: 'NDJSON', mediaType: 'application/x-ndjson', write: (text) => `{"level":"info"}\n${JSON.stringify({msg: text})}\n`},
  {name: 'JSON in a string of JSON', mediaType: 'application/json', write: (text) => JSON.stringify({event: JSON.stringify({payload: {text}})})},
  {name: 'a gzipped log', mediaType: 'application/gzip', write: (text) => gzipSync(log(text))},
  {name: 'gzip in gzip', mediaType: 'application/gzip', write: (text) => gzipSync(gzipSync(log(text)))},
  {name: 'UTF-16', mediaType: 'text/plain', write: (text) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(`a ${text} b`, 'utf16le')])},
  {name: 'a tar', mediaType: 'application/x-tar', write: tar},
]

describe('the canary corpus in blobs', function () {
  this.timeout(300_000)
  let written = 0
  let refused = 0
  after(() => {
    process.stdout.write(`      ${CORPUS.length} canaries in ${FORMS.length} formats: ${written} rewritten, ${refused} refused, 0 stored\n`)
  })

  for (const {name, mediaType, write, isSbom = false} of FORMS)
    it(`does not pass in ${name}`, () => {
      const kept = new Set(isSbom ? CONTACT_CANARIES.map(({rule}) => rule) : [])
      for (const {rule, value, text} of CORPUS.filter((one) => !kept.has(one.rule))) {
        const bytes = Buffer.from(write(text))
        try {
          const clean = Buffer.from(redactBlob({name: 'a', mediaType, bytes}, undefined).bytes).toString()
          for (const form of [...formsOf(value), xml(value)]) assert.ok(!clean.includes(form), `${rule}: ${form} of ${text}`)
          written += 1
        } catch (error) {
          if (!(error instanceof AppError)) throw error
          assert.equal(error.code, 'redaction.blob', text)
          refused += 1
        }
        assert.throws(() => redactBlob({name: 'a', mediaType, bytes, exact: true}, undefined), {code: 'redaction.blob'}, `exact, ${rule}: ${text}`)
      }
    })

  it('does not pass under a name that says what it is, beside it or before it', () => {
    for (const {label, value, rule} of LABELLED)
      for (const content of [
        {[label]: value},
        {name: label, value},
        {
          env: [
            {name: 'x', value: 'y'},
            {name: label, value},
          ],
        },
      ]) {
        const {bytes, count} = redactBlob({name: 'a', mediaType: 'application/json', bytes: Buffer.from(JSON.stringify(content))}, undefined)
        assert.equal(count, 1, JSON.stringify(content))
        assert.ok(Buffer.from(bytes).toString().includes(`"[redacted:${rule}]"`), JSON.stringify(content))
      }
  })

  it('does not pass as the number of a card', () => {
    const {bytes} = redactBlob({name: 'a', mediaType: 'application/json', bytes: Buffer.from('{"n":[1, 4111111111111111, 1767323045678901]}')}, undefined)
    assert.equal(Buffer.from(bytes).toString(), '{"n":[1, "[redacted:card]", 1767323045678901]}')
  })

  it('leaves no value in the store, in the name of a blob or in its bytes', async () => {
    for (const {text, value} of CORPUS.filter((one) => one.text.length < 200)) {
      const store = memoryStore()
      const recorder = createRecorder({...recorderParts(), store, position: implicitRun('01JXS8000000000000000000QE', 'main')})
      const blobs = [{name: `log of ${text}`, mediaType: 'text/plain', bytes: Buffer.from(log(text))}]
      const {record} = await recorder.write({stream: 'test', outcome: 'pass', detail: {name: 'a', passed: 1, failed: 0, skipped: 0}, blobs})
      assert.equal(STREAM_SCHEMAS.test.parse(record).data.redaction.count >= 2, true, text)
      const stored = [...store.objects].map(([key, bytes]) => (key.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes)).toString())
      assert.equal(stored.length, 2)
      for (const form of formsOf(value)) assert.ok(!stored.some((one) => one.includes(form)), `${form} of ${text}`)
    }
  })
})

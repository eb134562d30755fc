import assert from 'node:assert/strict'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {emitEvidence} from '../../../../src/lib/actions/evidence/emit-evidence.ts'
import type {EmitRequest} from '../../../../src/lib/actions/evidence/read-emission.ts'
import {noRecorder} from '../../../../src/lib/actions/evidence/record-evidence.ts'
import {blobKey, RECORDS} from '../../../../src/lib/evidence/key.ts'
import {openRecord, sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {allOf} from '../../../all-of.ts'
import {image} from '../../../fakes/evidence-writer.ts'
import {memoryStore, type MemoryStore} from '../../../fakes/memory-store.ts'
import {runContext} from '../../../fakes/run-context.ts'
import {scratch} from '../../../scratch.ts'

const UNIT = {name: 'unit', passed: 2, failed: 0, skipped: 1}
const DEPLOYMENT = {namespace: 'patient-api', workload: 'deployment/web'}
const ndjson = (...values: unknown[]) => values.map((value) => JSON.stringify(value)).join('\n')

describe('emit', () => {
  const folder = scratch()
  let store: MemoryStore
  beforeEach(() => {
    store = memoryStore()
  })

  const emit = (stream: string, content: string | Uint8Array, request: Partial<EmitRequest> = {}) => {
    writeFileSync(join(folder(), 'in'), content)
    return emitEvidence({stream, file: 'in', blobs: [], ...request}, runContext({folder: folder(), store}))
  }
  const records = async () => Promise.all((await allOf(store.list(RECORDS))).map(async (key) => openRecord((await store.get(key)) ?? assert.fail())))
  const refuses = async (promise: Promise<unknown>, expected: object) => {
    await assert.rejects(promise, expected)
    assert.equal(store.objects.size, 0, 'nothing was written')
  }

  it('takes of a cluster that it is out of service, and not what it enforces', async () => {
    const enforces = {cluster: 'prod-east', replica: '0', policy: 'a'.repeat(64), exempt: [], rollout: [], log: 'volume'}
    await refuses(emit('enforcement', JSON.stringify(enforces)), {code: 'usage.input'})
    await refuses(emit('enforcement', JSON.stringify({cluster: 'prod-east', ended: 'no code'})), {code: 'usage.input'})
    await emit('enforcement', JSON.stringify({cluster: 'prod-east', ended: 'retired'}))
    assert.deepEqual(
      (await records()).map(({stream, data}) => [stream, data.detail]),
      [['enforcement', {cluster: 'prod-east', ended: 'retired'}]],
    )
  })

  it('writes one record of one value', async () => {
    const {records: written, exitCode, stream} = await emit('test', JSON.stringify(UNIT, undefined, 2), {environment: 'staging'})
    const [record] = await records()
    assert.deepEqual([written, exitCode, stream], [[{id: record?.id, line: 1, outcome: 'pass'}], 0, 'test'])
    assert.deepEqual([record?.data.detail, record?.data.environment, record?.subject.slice(0, 17)], [UNIT, 'staging', 'urn:hipaa-ci:run:'])
  })

  it('writes a record a line, chained in order', async () => {
    const {records: written} = await emit('test', `${ndjson(UNIT, {...UNIT, name: 'two'})}\n\n${ndjson({...UNIT, failed: 1})}\n`)
    assert.deepEqual(
      written.map(({line, outcome}) => [line, outcome]),
      [
        [1, 'pass'],
        [2, 'pass'],
        [4, 'fail'],
      ],
    )
    assert.deepEqual(
      (await records()).map(({seq}) => seq),
      [1, 2, 3],
    )
  })

  it('writes nothing unless every line is valid, and names every faulty one', () =>
    refuses(emit('test', `${ndjson(UNIT, {...UNIT, passed: -1}, UNIT)}\nnot json\n${ndjson({...UNIT, note: 'x'})}`), {
      code: 'usage.input',
      message: /^3 of 5 lines cannot be recorded, so nothing was written:\nline 2: passed: .*\nline 4: .*\nline 5: .*note/,
    }))

  it('writes nothing where one line holds what cannot be taken out, and names the line', async () => {
    writeFileSync(join(folder(), 's.json'), '{}')
    await refuses(emit('custom', ndjson({a: 'fine'}, {mrn: 12_345_678}), {schema: 's.json'}), {
      code: 'redaction.failed',
      message: /^1 of 2 records cannot be written, so none was:\nline 2: data\.detail\.value\.mrn/,
    })
  })

  it('takes out what can be', async () => {
    await emit('test', JSON.stringify({...UNIT, name: 'of /home/jane/app'}))
    const [record] = await records()
    assert.deepEqual([record?.data.detail, record?.data.redaction.count], [{...UNIT, name: 'of /home/[redacted:home]/app'}, 1])
  })

  describe('of a deployment', () => {
    it('needs an image and an environment', async () => {
      const subject = image('a')
      for (const request of [{}, {subject}, {environment: 'production'}, {subject: 'urn:hipaa-ci:run:x', environment: 'production'}])
        await refuses(emit('deployment', JSON.stringify(DEPLOYMENT), request), {code: 'usage.flag'})
      await emit('deployment', JSON.stringify(DEPLOYMENT), {subject, environment: 'production', outcome: 'warn'})
      const [record] = await records()
      assert.deepEqual([record?.subject, record?.data.environment, record?.data.outcome], [subject, 'production', 'warn'])
    })
  })

  describe('of tests', () => {
    it('reads JUnit, and fails where they failed', async () => {
      const {exitCode, reason} = await emit('test', '<testsuite name="unit"><testcase/><testcase><failure/></testcase></testsuite>', {from: 'junit'})
      assert.equal(reason, 'emit.failed-tests')
      const [record] = await records()
      assert.deepEqual([exitCode, record?.data.outcome, record?.data.detail], [1, 'fail', {name: 'unit', passed: 1, failed: 1, skipped: 0}])
    })

    it('names a report that has no name by its file', async () => {
      await emit('test', '<testsuite><testcase/></testsuite>', {from: 'junit'})
      assert.deepEqual((await records())[0]?.data.detail, {name: 'in', passed: 1, failed: 0, skipped: 0})
    })

    it('does not call a run in which nothing ran a pass', async () => {
      const {exitCode, records: written} = await emit('test', '<testsuite><testcase><skipped/></testcase></testsuite>', {from: 'junit'})
      assert.deepEqual([exitCode, written[0]?.outcome], [0, 'warn'])
    })

    it('is never made better by a flag, and may be made worse', async () => {
      await refuses(emit('test', JSON.stringify({...UNIT, failed: 1}), {outcome: 'pass'}), {code: 'usage.flag'})
      const {exitCode} = await emit('test', JSON.stringify(UNIT), {outcome: 'error'})
      assert.deepEqual([exitCode, (await records())[0]?.data.outcome], [1, 'error'])
    })
  })

  describe('of a scan', () => {
    const sarif = (run: object) => JSON.stringify({version: '2.1.0', runs: [{tool: {driver: {name: 'Linter'}}, ...run}]})

    it('reads SARIF, and stores the findings beside the counts', async () => {
      const {exitCode} = await emit('scan', sarif({results: [{ruleId: 'a', level: 'error', message: {text: 'x'}}]}), {from: 'sarif', subject: image('a')})
      const [record] = await records()
      assert.deepEqual(
        [exitCode, record?.data.outcome, record?.data.detail],
        [0, 'warn', {kind: 'code', mode: 'sarif', counts: {error: 1}, platforms: [], unscanned: []}],
      )
      const [blob] = record?.data.blobs ?? []
      const findings = JSON.parse(Buffer.from((await store.get(blobKey(blob?.sha256 ?? ''))) ?? []).toString()) as {findings: unknown[]}
      assert.deepEqual([blob?.name, findings.findings.length], ['findings.json', 1])
    })

    it('is an error where the tool did not look at everything', async () => {
      const {exitCode, reason} = await emit('scan', sarif({results: [], invocations: [{executionSuccessful: false}]}), {from: 'sarif'})
      assert.equal(reason, 'scan.incomplete')
      assert.deepEqual([exitCode, (await records())[0]?.data.outcome], [3, 'error'])
    })

    it('is not taken by hand', () => refuses(emit('scan', '{}'), {code: 'usage.flag'}))
  })

  describe("of one's own", () => {
    it('keeps the schema that the value fits', async () => {
      const schema = JSON.stringify({type: 'object', required: ['minutes'], properties: {minutes: {type: 'integer'}}})
      writeFileSync(join(folder(), 'restore-drill.schema.json'), schema)
      await emit('custom', '{"minutes": 12}', {schema: 'restore-drill.schema.json'})
      const [record] = await records()
      assert.deepEqual(record?.data.detail, {schema: sha256Hex(schema), name: 'restore-drill', value: {minutes: 12}})
      assert.equal(Buffer.from((await store.get(blobKey(sha256Hex(schema)))) ?? []).toString(), schema)
    })

    it('is refused where a value does not fit, or the schema is none', async () => {
      writeFileSync(join(folder(), 's.json'), '{"type": "integer"}')
      await refuses(emit('custom', ndjson(1, 'x', 2.5), {schema: 's.json'}), {code: 'usage.input', message: /line 2: \(top\): must be integer\nline 3:/})
      writeFileSync(join(folder(), 's.json'), '{"type": "integr"}')
      await refuses(emit('custom', '1', {schema: 's.json'}), {code: 'usage.input'})
      await refuses(emit('custom', '1', {schema: 'none.json'}), {code: 'usage.input'})
      await refuses(emit('custom', '1'), {code: 'usage.flag'})
      writeFileSync(join(folder(), 'a b.json'), '{}')
      await refuses(emit('custom', '1', {schema: 'a b.json'}), {code: 'usage.flag', message: '"a b" cannot be a record\'s name'})
      await emit('custom', '1', {schema: 'a b.json', name: 'drill'})
    })
  })

  it('stores files beside the records', async () => {
    writeFileSync(join(folder(), 'report.txt'), 'SSN 078-05-1120')
    await emit('test', ndjson(UNIT, UNIT), {blobs: ['test-report.txt=report.txt', 'raw=report.txt']})
    for (const record of await records()) {
      assert.deepEqual(
        record.data.blobs.map(({name, media_type, size}) => [name, media_type, size]),
        [
          ['test-report.txt', 'text/plain', 18],
          ['raw', 'application/octet-stream', 18],
        ],
      )
      assert.equal(record.data.redaction.count, 2)
    }
  })

  it('refuses what it is not for', async () => {
    const unit = JSON.stringify(UNIT)
    for (const stream of ['run', 'gate', 'signature', 'verification', 'admission', 'attestation', 'sbom', 'query', 'tests', ''])
      await refuses(emit(stream, unit), {code: 'usage.flag'})
    await refuses(emit('test', unit, {file: undefined}), {code: 'usage.flag', message: 'it is not said what to read'})
    await refuses(emit('test', unit, {file: 'none'}), {code: 'usage.input'})
    await refuses(emit('test', ''), {code: 'usage.empty'})
    await refuses(emit('test', unit, {from: 'sarif'}), {code: 'usage.flag'})
    await refuses(emit('deployment', unit, {from: 'junit'}), {code: 'usage.flag'})
    await refuses(emit('test', '<testsuite><testcase/></testsuite>', {from: 'junit', outcome: 'pass'}), {code: 'usage.flag'})
    await refuses(emit('test', unit, {schema: 'in'}), {code: 'usage.flag'})
    await refuses(emit('test', unit, {name: 'x'}), {code: 'usage.flag'})
    await refuses(emit('test', unit, {subject: 'app:latest'}), {code: 'usage.flag'})
    await refuses(emit('test', unit, {environment: 'a b'}), {code: 'usage.flag'})
    for (const blob of ['report.txt', '=x', 'x=']) await refuses(emit('test', unit, {blobs: [blob]}), {code: 'usage.flag'})
    await refuses(emit('test', unit, {blobs: ['a=none']}), {code: 'usage.input'})
    await refuses(emitEvidence({stream: 'test', file: 'in', blobs: []}, runContext({folder: folder(), store, parts: {recorder: async () => noRecorder}})), {
      code: 'usage.flag',
    })
  })
})

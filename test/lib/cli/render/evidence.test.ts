import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import type {ListedRecord} from '../../../../src/lib/actions/evidence/list-evidence.ts'
import type {VerifyEvidenceResult} from '../../../../src/lib/actions/evidence/verify-result.ts'
import {renderEmit} from '../../../../src/lib/cli/render/emit.ts'
import {renderEndRun} from '../../../../src/lib/cli/render/end-run.ts'
import {renderEvidenceList} from '../../../../src/lib/cli/render/list-evidence.ts'
import {renderEvidence} from '../../../../src/lib/cli/render/show-evidence.ts'
import {renderStartRun, startRunHint} from '../../../../src/lib/cli/render/start-run.ts'
import {renderVerifyEvidence} from '../../../../src/lib/cli/render/verify-evidence.ts'
import {EvidenceWriter, hex, image} from '../../../fakes/evidence-writer.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'

const HOSTILE = 'a\u001b[2J\nb\u202E'
const plain = (text: string) => stripVTControlCharacters(text)
/** As plain text, in which nothing of somebody else's is more than text: no line that it began, no control of the terminal. */
const tame = (raw: string) => {
  assert.ok(!raw.includes('\u001B[2J') && !raw.includes('\u202E'), JSON.stringify(raw))
  const text = plain(raw)
  assert.ok(
    text.split('\n').every((line) => !line.startsWith('b')),
    text,
  )
  return text
}

describe('run start, on paper', () => {
  const files = [
    {job: 'build', path: "/tmp/it's here/run.json"},
    {job: 'scan', path: '/tmp/run.scan.json'},
  ]

  it('is what a shell takes', () => {
    assert.equal(
      renderStartRun({runid: 'R', files, exitCode: 0}),
      "export HIPAA_CI_RUN='/tmp/it'\\''s here/run.json'\n# job scan: HIPAA_CI_RUN='/tmp/run.scan.json'",
    )
  })

  it('says how the next steps take part', () => {
    assert.match(
      startRunHint({runid: 'R', record: 'X', files, exitCode: 0}, 'github-actions'),
      /^run R has started \(record X\); for later steps: echo "HIPAA_CI_RUN=.*" >> "\$GITHUB_ENV"$/,
    )
    assert.match(startRunHint({runid: 'R', files, exitCode: 0}, 'workstation'), /^run R goes on; later commands are part of it once HIPAA_CI_RUN is /)
  })
})

describe('run end, on paper', () => {
  it('counts jobs and names gaps', () => {
    const jobs = [
      {job: 'build', count: 1, last: hex('a')},
      {job: 'x', count: 12, last: hex('b')},
    ]
    const text = plain(
      renderEndRun({
        runid: 'R',
        record: 'X',
        expected: [],
        jobs,
        gaps: [{code: 'run.missing-step', name: 'sbom', message: 'step sbom never reported'}],
        exitCode: 6,
      }),
    )
    assert.deepEqual(text.split('\n'), [
      '∅ run R has ended, and is not complete',
      `  build  1 record, the last sha256:${hex('a').slice(0, 12)}…`,
      `  x      12 records, the last sha256:${hex('b').slice(0, 12)}…`,
      '  ∅ step sbom never reported  (run.missing-step)',
      '  record X',
    ])
    assert.match(plain(renderEndRun({runid: 'R', record: 'X', expected: [], jobs, gaps: [], exitCode: 0})), /^✔ run R has ended; nothing is missing\n/)
  })
})

describe('emit, on paper', () => {
  it('shows the first, and how many more', () => {
    const records = Array.from({length: 12}, (_, index) => ({id: `ID${index}`, line: index + 1, outcome: index === 0 ? ('fail' as const) : ('pass' as const)}))
    const lines = plain(renderEmit({stream: 'test', records, exitCode: 1})).split('\n')
    assert.deepEqual(
      [lines[0], lines[1], lines.at(-1)],
      ['✔ recorded 12 test records (1 fail, 11 pass)', '  ID0  fail', '  … and 2 more: hipaa-ci evidence ls --stream test'],
    )
    assert.equal(plain(renderEmit({stream: 'test', records: records.slice(1, 2), exitCode: 0})), '✔ recorded 1 test record (1 pass)\n  ID1  pass')
    assert.match(
      plain(renderEmit({stream: 'test', records: records.slice(0, 1), reason: 'emit.failed-tests', exitCode: 1})),
      /\n✖ The tests reported failures\. {2}\(emit\.failed-tests\)$/,
    )
  })
})

describe('evidence, on paper', () => {
  const writer = new EvidenceWriter(memoryStore())
  const {record, key, sha256} = writer.seal('test', {name: HOSTILE, passed: 1, failed: 0, skipped: 0}, {blobs: {[HOSTILE]: Buffer.from('x')}})

  it('is a table, in which damage stands out', () => {
    const one: ListedRecord = {id: record.id, key, stream: 'test', state: 'whole', time: record.time, subject: image('a'), outcome: 'pass'}
    const text = tame(renderEvidenceList({store: 'folder:/x', records: [one, {...one, state: 'altered', subject: HOSTILE}], total: 7, exitCode: 5}))
    assert.match(text, /^time +stream +outcome +subject +record\n2026-03-02 08:00:01  test +pass +prod\/patient-api@sha256:[0-9a-f]{12}… +\S{26}\n.* ALTERED /)
    assert.match(text, /\nthe newest 2 of 7; --limit shows more$/)
    assert.equal(plain(renderEvidenceList({store: 'folder:/x', records: [], total: 0, exitCode: 0})), '∅ no such records in folder:/x')
  })

  it('is a whole record, and whether it holds', () => {
    const [blob] = record.data.blobs
    assert.ok(blob !== undefined)
    const states = (['whole', 'altered', 'missing'] as const).map((state) => ({...blob, state}))
    const text = tame(renderEvidence({key, sha256, holds: true, record, blobs: states, exitCode: 5}))
    assert.match(text, /^\{\n {2}"specversion": "1\.0",/)
    assert.match(text, /✔ its bytes match the digest in its name\n✔ blob .*, 1 bytes: whole\n✖ blob .*: altered\n∅ blob .*: missing$/)
    const broken = tame(renderEvidence({key, sha256, holds: false, fault: HOSTILE, blobs: [], exitCode: 5}))
    assert.match(broken, /^✖ it cannot be read: .*\n\n.*\n✖ its bytes do not match/)
  })

  it('is verified, with every finding by code and key', () => {
    const result: VerifyEvidenceResult = {
      store: 'folder:/x',
      verdict: 'failed',
      records: 1,
      versions: 3,
      runs: 1,
      blobs: 2,
      blobsRead: false,
      log: null,
      unsealed: 1,
      continues: [{from: HOSTILE, size: 3}],
      findings: [{code: 'record.altered', key: HOSTILE, message: HOSTILE}],
      delivered: [],
      unnamedBlobs: {count: 1, first: [hex('blob')]},
      notes: ['1 blob is named by no readable record'],
      does_not_prove: ['that no run was removed'],
      exitCode: 5,
    }
    const text = tame(renderVerifyEvidence(result))
    assert.match(
      text,
      /^✖ the evidence has been changed.*\n {2}folder:\/x: 1 record of 1 run, 2 blobs \(not read\)\n {2}note: 1 blob is named by no readable record\n {2}not proven: that no run was removed\n\n {2}record\.altered: a/,
    )
    assert.match(text, /\n\n {2}→ Restore it from a copy, [^\n]+$/)
    const whole = plain(renderVerifyEvidence({...result, verdict: 'verified', findings: [], notes: [], blobsRead: true}))
    assert.match(
      whole,
      /^✔ every record is in its place and in order with itself\n {2}folder:\/x: 1 record of 1 run, 2 blobs\n {2}not proven: that no run was removed$/,
    )
    const step = (name: string, run: string) => ({code: 'run.missing-step' as const, key: run, message: `step ${name} of run ${run} never reported`})
    const steps = plain(renderVerifyEvidence({...result, notes: [], findings: [step('scan', 'A'), step('gate', 'A'), step('scan', 'B')]}))
    assert.match(
      steps,
      /\n\n {2}run\.missing-step: steps scan, gate of run A never reported\n\n {2}run\.missing-step: step scan of run B never reported\n\n {2}→ [^\n]+$/,
    )
    const many = Array.from({length: 60}, () => result.findings[0] ?? assert.fail())
    assert.match(plain(renderVerifyEvidence({...result, findings: many})), /… and 50 more of record\.altered; --json names them all\n/)
    const log = {origin: 'log.example', seals: 2, size: 7, root: hex('root'), newest: {n: 2, sealed_at: '2026-03-02T12:00:00.000Z'}, checkpoint: null}
    assert.match(
      plain(renderVerifyEvidence({...result, log, exitCode: 1})),
      /^✖ the evidence is unchanged, and not kept as it has to be\n.*\n {2}sealed as log\.example: 7 in 2 seals, the newest of 2026\S+, no checkpoint that counts, 1 not sealed\n {2}root [0-9a-f]{64}\n {2}continues the log of 3 records in [^\n]+\n/,
    )
  })
})

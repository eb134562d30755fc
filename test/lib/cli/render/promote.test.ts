import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import type {PromoteResult} from '../../../../src/lib/actions/promote/promote-image.ts'
import {renderApprove} from '../../../../src/lib/cli/render/approve.ts'
import {renderPromote} from '../../../../src/lib/cli/render/promote.ts'

const DIGEST = `sha256:${'d'.repeat(64)}`
const FROM = 'registry.example/team/app'
const TO = 'registry.example/prod/app'
const SPKI = 'a'.repeat(64)

const verification: PromoteResult['verification'] = {
  verdict: 'missing',
  exitCode: 6,
  checks: [
    {name: 'approvals', state: 'missing', reason: 'approval.missing', message: '0 of 1 approvals for production; ann may approve', fix: 'hipaa-ci approve'},
  ],
  image: `${FROM}@${DIGEST}`,
  repository: FROM,
  digest: DIGEST,
  environment: 'production',
  policy: 'c'.repeat(64),
  asOf: '2026-06-15T12:00:00.000Z',
  record: 'RECORD',
  recorded: true,
}
const PROMOTED: PromoteResult = {
  exitCode: 0,
  environment: 'production',
  from: FROM,
  to: TO,
  digest: DIGEST,
  verdict: 'verified',
  promoted: true,
  verification,
  tags: [{tag: '1.4.2'}, {tag: 'stable', was: `sha256:${'e'.repeat(64)}`}, {tag: 'latest', was: DIGEST}],
  signer: {spki: SPKI},
  approvals: [{person: 'ann\u001B[2J', signer: {spki: SPKI}, bundle: 'b'.repeat(64)}],
  changed: true,
  record: 'RECORD',
}

const lines = (text: string) => stripVTControlCharacters(text).split('\n')

describe('renderPromote', () => {
  it('says what came from where, by whose word, and which tags it has now', () => {
    assert.deepEqual(lines(renderPromote(PROMOTED)), [
      '✔ promoted to production',
      `  ${TO}@${DIGEST}`,
      `  from     ${FROM}`,
      '  approved ann\uFFFD[2J',
      '  key      sha256:aaaaaaaaaaaa…',
      '  tag      1.4.2',
      '  tag      stable (moved from sha256:eeeeeeeeeeee…)',
      '  tag      latest (was there)',
      '  record   RECORD',
    ])
    assert.equal(lines(renderPromote({...PROMOTED, changed: false}))[0], '✔ was promoted to production so already; nothing changed')
    assert.equal(lines(renderPromote({...PROMOTED, record: undefined})).at(-1), '  record   not recorded')
  })

  it('says why nothing was promoted', () => {
    const text = lines(renderPromote({...PROMOTED, promoted: false, verdict: 'missing', exitCode: 6}))
    assert.equal(text[0], '✖ not promoted to production')
    assert.ok(text.some((line) => line.includes('approval.missing')))
    assert.ok(text.some((line) => line.includes('→ hipaa-ci approve')))
  })
})

describe('renderApprove', () => {
  it('says who approved what for where', () => {
    const result = {
      exitCode: 0,
      environment: 'production',
      repository: FROM,
      digest: DIGEST,
      person: 'ann',
      signer: {spki: SPKI},
      attached: true,
      manifest: DIGEST,
      record: 'RECORD',
    } as const
    assert.deepEqual(lines(renderApprove(result)), [
      '✔ approved for production',
      `  ${FROM}@${DIGEST}`,
      '  by       ann, key sha256:aaaaaaaaaaaa…',
      '  record   RECORD',
    ])
    assert.equal(lines(renderApprove({...result, attached: false}))[0], '✔ was approved for production so already; nothing changed')
  })
})

import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import {renderBreakGlass} from '../../../../src/lib/cli/render/break-glass.ts'
import type {BreakGlassResult} from '../../../../src/lib/actions/break-glass/break-glass.ts'
import {webhookSteps} from '../../../../src/lib/admission/webhook-step.ts'

const RECORD = '01JXS800000000000000000001'
const WHEN = {from: '2026-06-15T12:00:00.000Z', expires: '2026-06-15T16:00:00.000Z'}
const text = (result: BreakGlassResult) => {
  const raw = renderBreakGlass(result, 60)
  assert.ok(!raw.includes('\u001B[2J'), 'it steers the terminal')
  return stripVTControlCharacters(raw).split('\n')
}

describe('renderBreakGlass', () => {
  it('keeps what is to be typed on one line', () => {
    const down = {what: 'provider-down', exitCode: 4, cluster: 'prod-east', incident: 'INC-8', ...WHEN, ...webhookSteps(), record: undefined} as const
    const fix = "hipaa-ci admission break-glass --provider-down '--cluster' 'prod-east' '--until' TIME"
    const lines = text({...down, unrecorded: {why: 'nobody answers', fix}})
    for (const line of [webhookSteps().step, webhookSteps().undo, fix]) assert.ok(lines.includes(`    ${line}`), line)
    assert.ok(lines.some((line) => line.includes('not recorded: nobody answers')))
  })

  it('shows each broken glass with the record by which it is reviewed', () => {
    const glass = {
      record: RECORD,
      recordedAt: WHEN.from,
      opened: true,
      kind: 'exemption',
      cluster: 'prod-east',
      namespace: 'a\u001B[2Jb',
      digest: `sha256:${'a'.repeat(64)}`,
      reason: 'hotfix',
      incident: 'INC-7',
      ...WHEN,
      uses: 2,
      openSince: WHEN.from,
    } as const
    const lines = text({what: 'list', exitCode: 1, store: 'folder:/s', glass: [glass, {...glass, opened: false}], overdue: [RECORD]})
    assert.match(lines[0] ?? '', /2 broken glasses, 2 to be reviewed, 1 for more than a day/)
    assert.equal(lines.filter((line) => line.includes(RECORD)).length, 2)
    assert.ok(lines.some((line) => line.includes('used 2 times')))
    assert.ok(lines.some((line) => line.includes('only its use is recorded')))
  })
})

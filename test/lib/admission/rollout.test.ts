import assert from 'node:assert/strict'
import {onlyWarns} from '../../../src/lib/admission/rollout.ts'

const rule = (namespaces: string[], day: string) => ({namespaces, 'enforce-on': day})
const at = (time: string) => new Date(time)

describe('a rollout', () => {
  it('warns until its day begins (UTC), in its namespaces', () => {
    const rollout = [rule(['team-*'], '2026-07-01')]
    assert.equal(onlyWarns('team-a', rollout, at('2026-06-30T23:59:59.999Z')), true)
    assert.equal(onlyWarns('team-a', rollout, at('2026-07-01T00:00:00.000Z')), false)
    assert.equal(onlyWarns('patient-api', rollout, at('2026-06-30T00:00:00.000Z')), false)
    assert.equal(onlyWarns('team-a', [], at('2026-06-30T00:00:00.000Z')), false)
  })

  it('of several that cover a namespace the earliest day counts', () => {
    const rollout = [rule(['**'], '2026-12-31'), rule(['team-a'], '2026-06-30')]
    assert.equal(onlyWarns('team-a', rollout, at('2026-06-30T00:00:00.000Z')), false)
    assert.equal(onlyWarns('team-b', rollout, at('2026-06-30T00:00:00.000Z')), true)
  })
})

/** What a controller's object is taken for, by its name. */
import assert from 'node:assert/strict'
import {owningWorkload} from '../../../src/lib/evidence/owning-workload.ts'

describe('the workload behind an owner', () => {
  for (const [kind, name, expected] of [
    ['ReplicaSet', 'web-7d4f9c8b5d', 'Deployment web'],
    ['ReplicaSet', 'web-frontend-5b8c7f', 'Deployment web-frontend'],
    ['ReplicaSet', 'by-hand', 'ReplicaSet by-hand'],
    ['Job', 'nightly-29532120', 'CronJob nightly'],
    ['Job', 'migrate-20261126', 'Job migrate-20261126'],
    ['Job', 'migrate-123456', 'Job migrate-123456'],
    ['Job', 'once', 'Job once'],
    ['StatefulSet', 'db-29532120', 'StatefulSet db-29532120'],
  ] as const)
    it(`is ${expected} for ${kind} ${name}`, () => {
      const found = owningWorkload({kind, name})
      assert.equal(`${found.kind} ${found.name}`, expected)
    })
})

import assert from 'node:assert/strict'
import {serverSource} from '../../../src/lib/admission/server-source.ts'

describe('serverSource', () => {
  it('is account, region and name of a cluster that is called as EKS calls it', () => {
    assert.equal(serverSource('arn:aws:eks:eu-central-1:111122223333:cluster/prod-east'), '111122223333/eu-central-1/prod-east/admission')
    assert.equal(serverSource('arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/x'), '111122223333/us-gov-west-1/x/admission')
  })

  it('is the name alone of any other, cut to what a record holds', () => {
    assert.equal(serverSource('prod-east'), 'prod-east/admission')
    assert.equal(serverSource('arn:aws:eks:eu-central-1:1:cluster/x'), 'arn:aws:eks:eu-central-1:1:cluster/x/admission')
    assert.equal(serverSource('x'.repeat(300)).length, 256)
  })
})

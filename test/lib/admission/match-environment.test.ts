import assert from 'node:assert/strict'
import {matchEnvironments} from '../../../src/lib/admission/match-environment.ts'
import {Config} from '../../../src/lib/config/schema.ts'

const {environments} = Config.parse({
  version: 1,
  system: 'patient-api',
  environments: {
    production: {match: {clusters: ['prod-*'], namespaces: ['patient-api', 'billing-*']}},
    staging: {match: {clusters: ['staging'], namespaces: ['*']}},
    shared: {match: {clusters: ['prod-west'], namespaces: ['billing-api']}},
    build: {},
  },
})

function names(cluster: string, namespace: string): string[] {
  return matchEnvironments(cluster, namespace, environments).map(([name]) => name)
}

describe('matchEnvironments', () => {
  it('wants cluster and namespace, both whole', () => {
    assert.deepEqual(names('prod-east', 'patient-api'), ['production'])
    assert.deepEqual(names('staging', 'anything'), ['staging'])
    assert.deepEqual(names('prod-east', 'patient-api-2'), [])
    assert.deepEqual(names('staging-2', 'patient-api'), [])
    assert.deepEqual(names('my-prod-east', 'patient-api'), [])
  })

  it('tells of all that match, so that two are not taken for one', () => {
    assert.deepEqual(names('prod-west', 'billing-api'), ['production', 'shared'])
  })

  it('matches no environment that does not say where it is', () => {
    assert.deepEqual(names('build', 'build'), [])
    assert.deepEqual(names('', ''), [])
  })
})

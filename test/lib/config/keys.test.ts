import assert from 'node:assert/strict'
import {knownKeys, SCALAR_KEYS} from '../../../src/lib/config/keys.ts'
import {nearestName} from '../../../src/lib/config/nearest-name.ts'

describe('knownKeys', () => {
  it('follows the schema through defaults, options, lists and named entries', () => {
    assert.deepEqual(knownKeys(['gate', 'code']), ['error', 'warning'])
    assert.deepEqual(knownKeys(['environments', 'production']), ['repository', 'match', 'requires', 'approvals', 'promotion'])
    assert.deepEqual(knownKeys(['environments', 'production', 'requires', 'signature', 'keys', 3]), ['spki', 'file', 'from', 'until', 'status'])
    assert.deepEqual(knownKeys(['gate', 'secrets']), [])
    assert.deepEqual(knownKeys(['nowhere', 'at', 'all']), [])
  })
})

describe('SCALAR_KEYS', () => {
  it('are all the scalars under fixed keys, each with one variable of its own', () => {
    assert.deepEqual(
      SCALAR_KEYS.map(({variable, kind}) => `${variable} ${kind}`),
      [
        'HIPAA_CI_SYSTEM text',
        'HIPAA_CI_STORE text',
        'HIPAA_CI_SPOOL text',
        'HIPAA_CI_INDEX text',
        'HIPAA_CI_QUERY_ENGINE text',
        'HIPAA_CI_SIGNING_KEY text',
        'HIPAA_CI_SIGNING_TIMESTAMP text',
        'HIPAA_CI_REDACTION_KEY text',
        'HIPAA_CI_GATE_VULNERABILITIES_CRITICAL number',
        'HIPAA_CI_GATE_VULNERABILITIES_HIGH number',
        'HIPAA_CI_GATE_VULNERABILITIES_MEDIUM number',
        'HIPAA_CI_GATE_VULNERABILITIES_LOW number',
        'HIPAA_CI_GATE_VULNERABILITIES_ONLY_FIXED boolean',
        'HIPAA_CI_GATE_VULNERABILITIES_DATABASE_MAX_AGE text',
        'HIPAA_CI_GATE_SECRETS number',
        'HIPAA_CI_GATE_MISCONFIGURATIONS_CRITICAL number',
        'HIPAA_CI_GATE_MISCONFIGURATIONS_HIGH number',
        'HIPAA_CI_GATE_MISCONFIGURATIONS_MEDIUM number',
        'HIPAA_CI_GATE_MISCONFIGURATIONS_LOW number',
        'HIPAA_CI_GATE_CODE_ERROR number',
        'HIPAA_CI_GATE_CODE_WARNING number',
        'HIPAA_CI_TOOLS_TRIVY_DB_REPOSITORY text',
        'HIPAA_CI_TOOLS_TRIVY_JAVA_DB_REPOSITORY text',
      ],
    )
  })
})

describe('nearestName', () => {
  const names = ['scan', 'sbom', 'sign', 'verify', 'evidence']
  it('finds what was meant', () => {
    assert.equal(nearestName('scna', names), 'scan')
    assert.equal(nearestName('Verifi', names), 'verify')
    assert.equal(nearestName('evidnce', names), 'evidence')
  })
  it('says nothing rather than something wild', () => {
    assert.equal(nearestName('deploy', names), undefined)
    assert.equal(nearestName('', names), undefined)
    assert.equal(nearestName('scan', []), undefined)
  })
})

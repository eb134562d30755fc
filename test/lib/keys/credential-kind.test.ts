import assert from 'node:assert/strict'
import {credentialKind} from '../../../src/lib/keys/credential-kind.ts'

/** Synthetic: no such id was ever given. */
const ENDS = {accessKeyId: 'ASIASYNTHETIC0000000', sessionToken: 'synthetic'}

describe('credentialKind', () => {
  it('calls what has no session token an access key, wherever it came from', () => {
    for (const source of [{}, {CREDENTIALS_ENV_VARS: 'g'}, {CREDENTIALS_PROFILE: 'n'}, {CREDENTIALS_PROCESS: 'w'}])
      assert.equal(credentialKind({accessKeyId: 'AKIASYNTHETIC0000000', $source: source}), 'access-key', JSON.stringify(source))
    assert.equal(credentialKind({accessKeyId: 'synthetic', sessionToken: ''}), 'access-key')
  })

  it('lets no session token beside a lasting key hide that key', () => {
    assert.equal(credentialKind({...ENDS, accessKeyId: 'AKIASYNTHETIC0000000', $source: {CREDENTIALS_ENV_VARS: 'g'}}), 'access-key')
  })

  for (const [kind, source] of [
    ['web-identity', {CREDENTIALS_STS_ASSUME_ROLE_WEB_ID: 'k', CREDENTIALS_ENV_VARS_STS_WEB_ID_TOKEN: 'h'}],
    ['web-identity', {CREDENTIALS_STS_ASSUME_ROLE_WEB_ID: 'k', CREDENTIALS_PROFILE_STS_WEB_ID_TOKEN: 'q'}],
    ['sso', {CREDENTIALS_PROFILE_SSO: 'r', CREDENTIALS_SSO: 's'}],
    ['sso', {CREDENTIALS_PROFILE_LOGIN: 'AC', CREDENTIALS_LOGIN: 'AD'}],
    ['assumed-role', {CREDENTIALS_STS_ASSUME_ROLE: 'i', CREDENTIALS_PROFILE_SOURCE_PROFILE: 'o'}],
    ['assumed-role', {CREDENTIALS_ENV_VARS: 'g'}],
    ['instance-role', {CREDENTIALS_HTTP: 'z'}],
    ['instance-role', {}],
    ['unknown', {CREDENTIALS_OF_A_LATER_SDK: 'ZZ'}],
  ] as const) {
    it(`calls what came by ${Object.keys(source).join(' and ') || 'the machine'} ${kind}`, () => {
      assert.equal(credentialKind({...ENDS, $source: source}), kind)
    })
  }
})

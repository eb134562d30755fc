import assert from 'node:assert/strict'
import {keyServiceFailure} from '../../../src/lib/tools/cosign-failure.ts'

/** As the key services' libraries word it; roles and requests are synthetic. */
const SAID = {
  'key-service.refused': [
    'Error: signing: signing with kms: operation error KMS: Sign, https response error StatusCode: 400, RequestID: x, api error AccessDeniedException: User: arn:aws:sts::111122223333:assumed-role/build/x is not authorized',
    'Error: operation error KMS: GetPublicKey, https response error StatusCode: 400, DisabledException: arn:aws:kms:us-east-1:111122223333:key/x is disabled.',
    'Error: rpc error: code = PermissionDenied desc = Permission cloudkms.cryptoKeyVersions.useToSign denied',
    'Error: google: could not find default credentials. See the documentation',
    'Error: Error making API request. URL: PUT https://vault.example/v1/transit/sign/x. Code: 403. Errors: * permission denied',
    'Error: RESPONSE 401: 401 Unauthorized',
  ],
  'key-service.unreachable': [
    'Error: operation error KMS: Sign, exceeded maximum number of attempts, 3, https response error StatusCode: 400, api error ThrottlingException: Rate exceeded',
    'Error: operation error KMS: Sign, https response error StatusCode: 503, RequestID: x',
    'Error: Post "http://127.0.0.1:9/": dial tcp 127.0.0.1:9: connect: connection refused',
    'Error: dial tcp: lookup kms.us-east-1.amazonaws.com: no such host',
    'Error: rpc error: code = Unavailable desc = the service is currently unavailable',
    'Error: context deadline exceeded',
    'Error: tls: failed to verify certificate: x509: certificate signed by unknown authority',
  ],
} as const

describe('keyServiceFailure', () => {
  for (const [code, sentences] of Object.entries(SAID)) {
    for (const said of sentences) it(`takes for ${code}: ${said.slice(0, 100)}`, () => assert.equal(keyServiceFailure(said), code))
  }

  it('says nothing of what is not about the service', () => {
    assert.equal(keyServiceFailure('Error: unknown flag: --statment'), undefined)
  })
})

import assert from 'node:assert/strict'
import {parseAwsReference} from '../../../src/lib/keys/aws-reference.ts'

const ID = '1234abcd-12ab-34cd-56ef-1234567890ab'

describe('parseAwsReference', () => {
  for (const [uri, expected] of [
    ['awskms:///alias/image-signing', {keyId: 'alias/image-signing'}],
    [`awskms:///${ID}`, {keyId: ID}],
    [`awskms:///arn:aws:kms:eu-west-1:111122223333:key/${ID}`, {keyId: `arn:aws:kms:eu-west-1:111122223333:key/${ID}`, region: 'eu-west-1'}],
    [
      'awskms:///arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/a',
      {keyId: 'arn:aws-us-gov:kms:us-gov-west-1:111122223333:alias/a', region: 'us-gov-west-1'},
    ],
    ['awskms://kms.example:4566/alias/a', {keyId: 'alias/a', endpoint: 'https://kms.example:4566'}],
  ] as const) {
    it(`reads ${uri}`, () => assert.deepEqual(parseAwsReference(uri), expected))
  }

  for (const uri of [
    'awskms://alias/image-signing',
    'awskms:///',
    'awskms:///image-signing',
    'awskms:///alias/',
    'awskms:///alias/a b',
    'awskms://user:word@kms.example/alias/a',
    'awskms:///arn:aws:s3:us-east-1:111122223333:key/x',
    `awskms:///arn:aws:kms:us-east-1:111122223333:key/alias/${ID}`,
  ]) {
    it(`refuses ${uri}`, () => assert.throws(() => parseAwsReference(uri), {code: 'key.missing'}))
  }
})

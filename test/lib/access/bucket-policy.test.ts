import assert from 'node:assert/strict'
import {bucketPolicy} from '../../../src/lib/access/bucket-policy.ts'
import {mayShorten} from '../../../src/lib/access/may-shorten.ts'
import {principalsOf, type Grant, type Holder} from '../../../src/lib/access/principals.ts'
import {STREAMS} from '../../../src/lib/evidence/streams.ts'
import {assertNone} from '../../rules/assert-none.ts'
import {denials, type Asked} from './statements.ts'

const STORE = {kind: 's3', bucket: 'acme-evidence', prefix: 'prod/'} as const
const BUCKET = 'arn:aws:s3:::acme-evidence'
const KEY = `${BUCKET}/prod/`
const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`
const GOOD_PUT = {'s3:if-none-match': '*', 's3:ObjectCreationOperation': 'true', 'aws:SecureTransport': 'true'}

function policyWith(holders: Partial<Record<Holder, string>> = {}, writers?: Record<string, Grant>) {
  const named = new Map(Object.entries(holders).map(([holder, arn]) => [holder as Holder, [arn]]))
  return bucketPolicy({store: STORE, principals: principalsOf(named, writers), years: 7})
}

const tls = (asked: Asked, by?: string): Asked => ({
  ...asked,
  with: {'aws:SecureTransport': 'true', ...(by !== undefined && {'aws:PrincipalArn': by}), ...asked.with},
})
const put = (key: string, by: string, headers: Readonly<Record<string, string>> = GOOD_PUT): Asked =>
  tls({action: 's3:PutObject', resource: `${KEY}${key}`, with: headers}, by)

describe('the policy of a bucket', () => {
  const policy = policyWith({'break-glass': role('glass'), extender: role('extend'), 'hold-keeper': role('legal')})

  it('is JSON that allows nothing, with a name for each statement', () => {
    const read = JSON.parse(JSON.stringify(policy)) as typeof policy
    assert.deepEqual(read, policy)
    assert.ok(policy.Statement.every(({Effect, Principal}) => Effect === 'Deny' && Principal === '*'))
    assert.equal(new Set(policy.Statement.map(({Sid}) => Sid)).size, policy.Statement.length)
    assert.ok(policy.Statement.every(({Sid}) => /^[A-Za-z0-9]+$/.test(Sid)))
    assert.ok(JSON.stringify(policy).length < 20_480, 'S3 takes 20 KB')
  })

  it('denies everybody, break-glass too, what must never happen', () => {
    const ofObjects = [
      'DeleteObject',
      'DeleteObjectVersion',
      'BypassGovernanceRetention',
      'UpdateObjectEncryption',
      'PutObjectAnnotation',
      'ReplicateObject',
      'ReplicateDelete',
    ]
    const ofBucket = ['PutLifecycleConfiguration', 'PutBucketObjectLockConfiguration', 'PutBucketVersioning']
    for (const by of [role('glass'), role('admin'), role('extend')]) {
      assertNone(ofObjects.filter((action) => denials(policy, tls({action: `s3:${action}`, resource: `${KEY}blobs/x`}, by)).length === 0))
      assertNone(ofBucket.filter((action) => denials(policy, tls({action: `s3:${action}`, resource: BUCKET}, by)).length === 0))
    }
  })

  it('leaves its own change to break-glass, and to nobody where nobody is named', () => {
    for (const action of ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy']) {
      assert.deepEqual(denials(policy, tls({action, resource: BUCKET}, role('glass'))), [])
      assert.deepEqual(denials(policy, tls({action, resource: BUCKET}, role('admin'))), ['PolicyStays'])
      assert.deepEqual(denials(policyWith(), tls({action, resource: BUCKET}, role('glass'))), ['PolicyStays'])
    }
  })

  it('lets the extender alone change a lock, to the strict mode, and within reason', () => {
    const lock = (by: string, mode: string, days: string) =>
      denials(
        policy,
        tls(
          {action: 's3:PutObjectRetention', resource: `${KEY}blobs/x`, with: {'s3:object-lock-mode': mode, 's3:object-lock-remaining-retention-days': days}},
          by,
        ),
      )
    assert.deepEqual(lock(role('extend'), 'COMPLIANCE', '2557'), [])
    assert.deepEqual(lock(role('extend'), 'COMPLIANCE', '90'), [])
    assert.deepEqual(lock(role('extend'), 'GOVERNANCE', '2557'), ['LocksAreStrict'])
    assert.deepEqual(lock(role('extend'), 'COMPLIANCE', '0'), ['LocksEndInTheFuture'])
    assert.deepEqual(lock(role('extend'), 'COMPLIANCE', '36500'), ['LocksEndOneDay'])
    assert.deepEqual(lock(role('admin'), 'COMPLIANCE', '2557'), ['LocksAreExtendedByFew'])
  })

  it('lets the hold-keeper alone set and lift holds', () => {
    const hold = (by: string) => denials(policy, tls({action: 's3:PutObjectLegalHold', resource: `${KEY}blobs/x`}, by))
    assert.deepEqual(hold(role('legal')), [])
    assert.deepEqual(hold(role('admin')), ['HoldsAreSetByFew'])
  })

  it('asks every put for if-none-match, but not the parts of a multipart upload', () => {
    assert.deepEqual(denials(policy, put('records/v1/scan/x', role('ci'))), [])
    assert.deepEqual(denials(policy, put('records/v1/scan/x', role('ci'), {'s3:ObjectCreationOperation': 'true'})), ['WrittenOnce'])
    assert.deepEqual(denials(policy, put('blobs/x', role('ci'), {'s3:ObjectCreationOperation': 'false'})), [])
  })

  it('takes nothing without TLS', () => {
    assert.deepEqual(denials(policy, {action: 's3:GetObject', resource: `${KEY}blobs/x`, with: {'aws:SecureTransport': 'false'}}), ['OnlyOverTls'])
  })

  it('takes nothing under a key that can be deleted', () => {
    assert.deepEqual(denials(policy, put('blobs/x', role('ci'), {...GOOD_PUT, 's3:x-amz-server-side-encryption': 'aws:kms'})), ['NoKeyThatCanBeDeleted'])
    assert.deepEqual(denials(policy, put('blobs/x', role('ci'), {...GOOD_PUT, 's3:x-amz-server-side-encryption-customer-algorithm': 'AES256'})), [
      'NoKeyOfTheWriter',
    ])
    assert.deepEqual(denials(policy, put('blobs/x', role('ci'), {...GOOD_PUT, 's3:x-amz-server-side-encryption': 'AES256'})), [])
  })

  it('denies nothing about the keys of others in the same bucket', () => {
    assert.deepEqual(denials(policy, tls({action: 's3:DeleteObject', resource: `${BUCKET}/other/x`}, role('admin'))), [])
  })

  it('leaves no loophole that its own reader would find, but break-glass', () => {
    const text = JSON.stringify(policy)
    assert.deepEqual(
      mayShorten(text, STORE).map(({action, principals}) => [action, principals]),
      [
        ['s3:PutBucketPolicy', [role('glass')]],
        ['s3:DeleteBucketPolicy', [role('glass')]],
      ],
    )
  })
})

describe('the policy of a bucket whose writers are named', () => {
  const writers = {
    ci: {principals: ['arn:aws:sts::111122223333:assumed-role/ci/*'], streams: ['scan', 'test'] as const},
    people: {principals: [role('approvers')], streams: ['approval'] as const},
  }
  const policy = policyWith({sealer: role('seal')}, writers)

  it('lets each write its streams', () => {
    assert.deepEqual(denials(policy, put('records/v1/scan/x', role('ci'))), [])
    assert.deepEqual(denials(policy, put('records/v1/scan/x', role('team/ci'))), [], 'a role with a path, which CloudTrail does not tell')
    assert.deepEqual(denials(policy, put('records/v1/approval/x', role('approvers'))), [])
    assert.deepEqual(denials(policy, put('log/seal/x', role('seal'))), [])
  })

  it('denies an admin what IAM would allow, and a CI job an approval', () => {
    for (const stream of ['scan', 'test', 'approval']) assert.equal(denials(policy, put(`records/v1/${stream}/x`, role('admin'))).length, 1, stream)
    assert.equal(denials(policy, put('records/v1/approval/x', role('ci'))).length, 1)
    assert.equal(denials(policy, put('log/seal/x', role('ci'))).length, 1)
  })

  it('leaves to IAM what nobody is named for', () => {
    assert.deepEqual(denials(policy, put('records/v1/promotion/x', role('admin'))), [])
    assert.deepEqual(denials(policy, put('blobs/sha256/aa/x', role('admin'))), [])
  })

  it('closes blobs too, once every stream has its writer', () => {
    const closed = policyWith({}, {...writers, rest: {principals: [role('rest')], streams: STREAMS}})
    assertNone(STREAMS.filter((stream) => denials(closed, put(`records/v1/${stream}/x`, role('admin'))).length === 0))
    assert.deepEqual(denials(closed, put('blobs/sha256/aa/x', role('admin'))), ['BlobsHaveTheirWriters'])
    assert.deepEqual(denials(closed, put('blobs/sha256/aa/x', role('ci'))), [])
  })
})

describe('who may shorten', () => {
  const deny = (statement: object) =>
    JSON.stringify({Version: '2012-10-17', Statement: [{Effect: 'Deny', Principal: '*', Action: 's3:DeleteObjectVersion', Resource: `${KEY}*`, ...statement}]})
  const free = (policy: string | undefined) => mayShorten(policy, STORE).find(({action}) => action === 's3:DeleteObjectVersion')?.principals

  it('is everybody where there is no policy, or none that can be read', () => {
    assert.deepEqual(free(undefined), ['*'])
    assert.deepEqual(free('no JSON'), ['*'])
    assert.deepEqual(free('{"Statement": "x"}'), ['*'])
    assert.equal(mayShorten(undefined, STORE).length, 7)
  })

  it('is nobody where it is denied, however it is written', () => {
    assert.equal(free(deny({})), undefined)
    assert.equal(free(deny({Principal: {AWS: '*'}, Action: ['s3:Delete*'], Resource: [`${BUCKET}/*`]})), undefined)
    assert.equal(free(JSON.stringify({Statement: {Effect: 'Deny', Principal: '*', Action: '*', Resource: '*'}})), undefined)
  })

  it('is everybody where the denial is narrower than it looks', () => {
    for (const narrow of [
      {Principal: {AWS: 'arn:aws:iam::111122223333:root'}},
      {Effect: 'Allow'},
      {Resource: `${KEY}records/*`},
      {Resource: `${BUCKET}-other/*`},
      {Resource: `${KEY}?`},
      {Resource: `${KEY}*x`},
      {Action: 's3:DeleteObject'},
      {Condition: {Bool: {'aws:MultiFactorAuthPresent': 'false'}}},
      {Condition: {ArnNotLike: {'aws:PrincipalArn': role('x'), 'aws:SourceArn': role('x')}}},
      {Condition: {}},
    ])
      assert.deepEqual(free(deny(narrow)), ['*'], JSON.stringify(narrow))
  })

  it('is found at once in a policy that is made to be slow', () => {
    assert.deepEqual(free(deny({Resource: `${'*'.repeat(200)}${'*a'.repeat(200)}`})), ['*'])
    assert.equal(free(deny({Resource: `arn:*${'*'.repeat(200)}`})), undefined)
  })

  it('is who is left out by every denial', () => {
    const but = (...arns: string[]) => ({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: [BUCKET, `${KEY}*`],
      Condition: {ArnNotLike: {'aws:PrincipalArn': arns}},
    })
    assert.deepEqual(free(JSON.stringify({Statement: [but(role('b'), role('a'))]})), [role('a'), role('b')])
    assert.deepEqual(free(JSON.stringify({Statement: [but(role('a'), role('b')), but(role('b'))]})), [role('b')])
    // Patterns stand for more than they say.
    for (const [some, others, both] of [
      [[role('*')], [role('b')], [role('b')]],
      [[role('b')], [role('*')], [role('b')]],
      [
        [role('a*'), role('c')],
        [role('*b'), role('d')],
        [role('*b'), role('a*')],
      ],
      [[role('a*')], [role('b*')], undefined],
      [['${aws:PrincipalArn}'], [role('b')], ['${aws:PrincipalArn}', role('b')]],
    ] as const)
      assert.deepEqual(free(JSON.stringify({Statement: [but(...some), but(...others)]})), both)
  })
})

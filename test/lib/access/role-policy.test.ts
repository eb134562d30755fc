import assert from 'node:assert/strict'
import {rolePolicy} from '../../../src/lib/access/role-policy.ts'
import {ROLE_NAMES, ROLES, writersOf, type RoleName} from '../../../src/lib/access/roles.ts'
import {EMITTED_STREAMS} from '../../../src/lib/actions/evidence/read-emission.ts'
import {STREAMS} from '../../../src/lib/evidence/streams.ts'
import {assertNone} from '../../rules/assert-none.ts'
import {isAllowed} from './statements.ts'

const PLACES = {
  store: {kind: 's3', bucket: 'acme-evidence', prefix: 'prod/'},
  copies: [{kind: 's3', bucket: 'auditor-copy', prefix: ''}],
  years: 7,
} as const
const KEY = 'arn:aws:s3:::acme-evidence/prod/'

const policyOf = (role: RoleName) => rolePolicy(role, PLACES)
const mayPut = (role: RoleName, key: string) => isAllowed(policyOf(role), {action: 's3:PutObject', resource: `${KEY}${key}`})
const SENSITIVE = ['approval', 'admission', 'promotion', 'revocation', 'key', 'hold', 'store-audit', 'query'] as const

describe('the matrix of roles', () => {
  it('has a writer for every stream', () => {
    assertNone(STREAMS.filter((stream) => writersOf(stream).length === 0))
  })

  it('lets CI jobs write what they emit, and no word about what others decide', () => {
    // That a cluster is out of service is said by people.
    assertNone(EMITTED_STREAMS.filter((stream) => stream !== 'enforcement' && !mayPut('build', `records/v1/${stream}/x`)))
    assertNone(SENSITIVE.filter((stream) => mayPut('build', `records/v1/${stream}/x`)))
  })

  it('has one role alone for each word that lets an image in, keeps one out, or is about the store', () => {
    assert.deepEqual(
      SENSITIVE.map((stream) => writersOf(stream)),
      [['approver'], ['admission'], ['promoter'], ['platform'], ['platform'], ['hold-keeper'], ['auditor'], ['auditor']],
    )
  })

  it('lets no role that writes a log write records, and none that writes records write the log', () => {
    for (const role of ROLE_NAMES) {
      const log = mayPut(role, 'log/seal/000000000001.json.gz')
      const records = STREAMS.some((stream) => mayPut(role, `records/v1/${stream}/x`))
      assert.ok(!(log && records), role)
      assert.equal(log, role === 'sealer', role)
    }
  })
})

describe('the policy of a role', () => {
  for (const role of ROLE_NAMES) {
    it(`lets ${role} put records of its streams and no others`, () => {
      assert.deepEqual(
        STREAMS.filter((stream) => mayPut(role, `records/v1/${stream}/dt=2026-03-02/x`)),
        STREAMS.filter((stream) => ROLES[role].writes.includes(stream)),
      )
      assert.equal(mayPut(role, 'blobs/sha256/aa/x'), ROLES[role].writes.length > 0)
      assert.ok(!isAllowed(policyOf(role), {action: 's3:PutObject', resource: 'arn:aws:s3:::acme-evidence/records/v1/scan/x'}), 'outside of the prefix')
    })

    it(`lets ${role} remove, unlock and set nothing`, () => {
      const actions = policyOf(role).Statement.flatMap(({Action}) => Action)
      assertNone(actions.filter((action) => /\*|Delete|Bypass|Policy$|Configuration$|Acl/.test(action) && !action.startsWith('s3:Get')))
      assert.ok(policyOf(role).Statement.every(({Effect}) => Effect === 'Allow'))
    })
  }

  it('gives a writing role PutObject and nothing else', () => {
    for (const role of ['build', 'approver', 'promoter', 'platform', 'admission'] as const)
      assert.deepEqual([...new Set(policyOf(role).Statement.flatMap(({Action}) => Action))], ['s3:PutObject'], role)
  })

  it('does not make a prefix of one stream out of another', () => {
    assert.ok(!mayPut('build', 'records/v1/run-away/x') && !mayPut('build', 'records/v1/scanner/x'))
  })

  it('lets a reader list this store alone', () => {
    const list = (prefix: string) => ({action: 's3:ListBucketVersions', resource: 'arn:aws:s3:::acme-evidence', with: {'s3:prefix': prefix}})
    assert.ok(isAllowed(policyOf('reader'), list('prod/records/')))
    assert.ok(!isAllowed(policyOf('reader'), list('other/')))
    assert.ok(!isAllowed(policyOf('reader'), {...list(''), with: {}}))
  })

  it('lets the extender extend, in the strict mode and not for ever, and do nothing else', () => {
    const extend = (mode: string, days: number) =>
      isAllowed(policyOf('extender'), {
        action: 's3:PutObjectRetention',
        resource: `${KEY}blobs/sha256/aa/x`,
        with: {'s3:object-lock-mode': mode, 's3:object-lock-remaining-retention-days': String(days)},
      })
    assert.ok(extend('COMPLIANCE', 2557) && extend('COMPLIANCE', 30))
    assert.ok(!extend('GOVERNANCE', 2557) && !extend('COMPLIANCE', 0) && !extend('COMPLIANCE', 36_500))
    assert.deepEqual(
      policyOf('extender').Statement.map(({Action}) => Action),
      [['s3:PutObjectRetention']],
    )
  })

  it('lets the anchor write where copies are kept, and not here', () => {
    assert.ok(isAllowed(policyOf('anchor'), {action: 's3:PutObject', resource: 'arn:aws:s3:::auditor-copy/log/checkpoint/000000000001'}))
    assert.ok(!mayPut('anchor', 'log/checkpoint/000000000001'))
    const alone = rolePolicy('anchor', {...PLACES, copies: []})
    assert.ok(alone.Statement.every(({Resource}) => Resource.length > 0))
  })

  it("names resources as the region's partition does", () => {
    const [statement] = rolePolicy('build', {...PLACES, store: {...PLACES.store, region: 'us-gov-west-1'}}).Statement
    assert.ok(statement?.Resource.every((arn) => arn.startsWith('arn:aws-us-gov:s3:::acme-evidence/')))
  })
})

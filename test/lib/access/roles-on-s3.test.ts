/** Roles by the policies that `store policy` prints, on a real server that enforces them: each can do its work, and no other's. */
import assert from 'node:assert/strict'
import {tmpdir} from 'node:os'
import {PutObjectRetentionCommand, S3Client} from '@aws-sdk/client-s3'
import {policyDocument} from '../../../src/lib/access/policy-document.ts'
import {rolePolicy, type StorePlaces} from '../../../src/lib/access/role-policy.ts'
import {ROLE_NAMES, ROLES, type RoleName} from '../../../src/lib/access/roles.ts'
import {auditStore} from '../../../src/lib/actions/retention/audit-store.ts'
import {extendLocks} from '../../../src/lib/actions/retention/extend-locks.ts'
import {holdRecords} from '../../../src/lib/actions/retention/hold-records.ts'
import {initStore} from '../../../src/lib/actions/store/init-store.ts'
import {Config} from '../../../src/lib/config/schema.ts'
import {AppError} from '../../../src/lib/errors.ts'
import {blobKey, recordKey, sealKey} from '../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../src/lib/evidence/record.ts'
import {parseStoreAddress} from '../../../src/lib/evidence/store-address.ts'
import {STREAMS} from '../../../src/lib/evidence/streams.ts'
import {allOf} from '../../all-of.ts'
import {EvidenceWriter, image} from '../../fakes/evidence-writer.ts'
import {runContext} from '../../fakes/run-context.ts'
import {openTestBucket} from '../../open-bucket.ts'
import {actingAs, assumeRole} from '../../s3-role.ts'
import {asAwsEnvironment, startS3, type S3Server, type TestBucket} from '../../s3.ts'

const ID = '01JGFJJZ00ABCDEFGHJKMNPQRS'
const DAY_MS = 86_400_000

describe('a role on a server that enforces its policy', () => {
  let s3: S3Server
  let bucket: TestBucket
  before(async () => {
    s3 = await startS3()
    bucket = await s3.makeBucket()
  })
  after(() => s3.stop())
  asAwsEnvironment(() => s3.env)

  const places = (): StorePlaces => {
    const store = parseStoreAddress(bucket.address)
    assert.ok(store.kind === 's3')
    return {store, copies: [], years: 7}
  }
  const envOf = async (...roles: readonly RoleName[]) => assumeRole(s3, policyDocument(roles.flatMap((role) => rolePolicy(role, places()).Statement)))
  /** A command of somebody who has these roles. */
  const as = async <T>(roles: readonly RoleName[], work: (context: ReturnType<typeof runContext>) => Promise<T>): Promise<T> => {
    const env = await envOf(...roles)
    return actingAs(env, async () => {
      const {store, controls} = await openTestBucket(bucket.address)
      const config = {...Config.parse({version: 1, system: 'patient-api', store: bucket.address}), root: '/project'}
      return work(runContext({folder: tmpdir(), store, parts: {config, storeControls: async () => controls, now: () => new Date()}}))
    })
  }
  const codeOf = async (work: Promise<unknown>) =>
    work.then(
      () => 'done',
      (error: unknown) => (error instanceof AppError ? error.code : String(error)),
    )

  for (const role of ROLE_NAMES)
    it(`lets ${role} write as the matrix says, and nothing else`, async () => {
      await as([role], async ({store: open}) => {
        const store = await open()
        const tried = await Promise.all(
          STREAMS.map(async (stream) => [stream, await codeOf(store.put(recordKey(stream, ID, sha256Hex(role)), Buffer.from(role)))] as const),
        )
        assert.deepEqual(
          tried,
          STREAMS.map((stream) => [stream, ROLES[role].writes.includes(stream) ? 'done' : 'store.refused']),
        )
        assert.equal(await codeOf(store.put(blobKey(sha256Hex(role)), Buffer.from(role))), ROLES[role].writes.length > 0 ? 'done' : 'store.refused')
        assert.equal(await codeOf(store.put(sealKey(ROLE_NAMES.indexOf(role) + 1), Buffer.from(role))), role === 'sealer' ? 'done' : 'store.refused')
      })
    })

  it('lets who only writes read nothing', async () => {
    await as(['build'], async ({store: open}) => {
      const store = await open()
      const key = recordKey('scan', ID, sha256Hex('read'))
      await store.put(key, Buffer.from('a'))
      assert.equal(await codeOf(store.get(key)), 'store.refused')
      assert.equal(await codeOf(allOf(store.list(''))), 'store.refused')
      assert.equal(await codeOf(allOf(store.versions(''))), 'store.refused')
    })
  })

  it('lets the auditor audit, the hold-keeper hold, and who reads and extends extend', async () => {
    bucket = await s3.makeBucket()
    const {store} = await openTestBucket(bucket.address)
    const {record} = await new EvidenceWriter(store).gate(image('a'), 'pass', {blobs: {'policy.json': Buffer.from('{}')}})
    assert.equal((await as(['auditor'], async (context) => auditStore({}, context))).exitCode, 0)
    assert.equal((await as(['auditor'], async (context) => initStore({write: false}, context))).exitCode, 0)
    const held = await as(['hold-keeper'], async (context) => holdRecords({action: 'add', records: [record.id], reason: 'litigation'}, context))
    assert.equal(held.records[0]?.objects, 2)
    assert.equal((await as(['reader', 'extender'], async (context) => extendLocks({dryRun: false}, context))).exitCode, 0)
  })

  it('lets the extender extend what is short, and nobody for a hundred years', async () => {
    bucket = await s3.makeBucket({retention: {mode: 'COMPLIANCE', days: 1}})
    const {store} = await openTestBucket(bucket.address)
    const {key} = await new EvidenceWriter(store).gate(image('a'), 'pass')
    const env = await envOf('extender')
    const client = new S3Client({
      endpoint: s3.endpoint,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: {
        accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
        sessionToken: env['AWS_SESSION_TOKEN'] ?? '',
      },
    })
    const extend = async (Mode: 'COMPLIANCE' | 'GOVERNANCE', days: number) =>
      client.send(
        new PutObjectRetentionCommand({
          Bucket: bucket.name,
          Key: `evidence/${key}`,
          Retention: {Mode, RetainUntilDate: new Date(Date.now() + days * DAY_MS)},
        }),
      )
    await assert.rejects(extend('COMPLIANCE', 36_000), {name: 'AccessDenied'})
    await assert.rejects(extend('GOVERNANCE', 2_000))
    assert.equal((await as(['reader', 'extender'], async (context) => extendLocks({dryRun: false}, context))).extended, 1)
    assert.equal(await codeOf(as(['reader'], async (context) => extendLocks({dryRun: false}, context))), 'done', 'nothing is left to do')
    client.destroy()
  })

  it('takes nothing for unlocked that it may not see', async () => {
    bucket = await s3.makeBucket()
    const {store} = await openTestBucket(bucket.address)
    const {key} = await new EvidenceWriter(store).gate(image('a'), 'pass')
    const reader = rolePolicy('reader', places())
    const blind = policyDocument(reader.Statement.map((one) => ({...one, Action: one.Action.filter((action) => !/Retention|LegalHold/.test(action))})))
    await actingAs(await assumeRole(s3, blind), async () => {
      const {store: own, controls} = await openTestBucket(bucket.address)
      const found = await own.read(key)
      assert.equal(found?.lock, undefined)
      await assert.rejects(controls.lockOf(key, found?.version), {code: 'store.refused'})
    })
    const {exitCode, unseen} = await as(['reader'], async (context) => initStore({write: false}, context))
    assert.deepEqual([exitCode, unseen.map(({what}) => what).toSorted()], [4, ['lifecycle', 'object-lock', 'policy', 'versioning']])
  })
})

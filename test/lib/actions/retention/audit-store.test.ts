import assert from 'node:assert/strict'
import {bucketPolicy} from '../../../../src/lib/access/bucket-policy.ts'
import {principalsOf} from '../../../../src/lib/access/principals.ts'
import {newestRecord} from '../../../../src/lib/actions/evidence/find-record.ts'
import {auditStore} from '../../../../src/lib/actions/retention/audit-store.ts'
import {renderAudit} from '../../../../src/lib/cli/render/audit-store.ts'
import {blobKey, sealKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {image} from '../../../fakes/evidence-writer.ts'
import {sealStore} from '../../../fakes/sealed-store.ts'
import {days, lockedWorld, NOW} from './locked-world.ts'

const BLOB = Buffer.from('the policy that was in force')
const BLOB_KEY = blobKey(sha256Hex(BLOB))
const withBlob = {blobs: {'policy.json': BLOB}}
const codes = ({counts}: Awaited<ReturnType<typeof auditStore>>) => counts.map(({code, count}) => `${code} ${count}`)

/** Two gates that name the same blob, the second today. */
async function namedAgain(before: number) {
  const world = lockedWorld()
  world.at(days(-before))
  await world.writer.gate(image('a'), 'pass', {...withBlob, at: days(-before)})
  world.at(NOW)
  await world.writer.gate(image('b'), 'pass', {...withBlob, at: NOW})
  return world
}

describe('evidence audit', () => {
  for (const sealed of [false, true])
    it(`finds nothing in a bucket that keeps what it takes, ${sealed ? 'sealed' : 'not sealed'}, and records what it saw`, async () => {
      const world = await namedAgain(0)
      if (sealed) await sealStore(world.store)
      const result = await auditStore({}, world.context())
      assert.deepEqual([result.exitCode, result.counts, result.records, result.blobs, result.behind], [0, [], 2, 1, 0])
      const record = await newestRecord('store-audit', '', world.store)
      assert.equal(record?.record.id, result.record)
      assert.equal(record?.record.data.outcome, 'pass')
      assert.deepEqual(record?.record.data.detail, {
        versioning: 'enabled',
        lock: 'enabled',
        retention: {mode: 'COMPLIANCE', days: 2555},
        records: 2,
        blobs: 1,
        markers: 0,
        second_versions: 0,
        locked_until: {earliest: days(2557), latest: days(2557)},
        may_shorten: ['*'],
        findings: [],
      })
    })

  it('leaves no record where none is wanted, and says so', async () => {
    const world = await namedAgain(0)
    const result = await auditStore({}, world.context(false))
    assert.equal(result.record, undefined)
    assert.match(renderAudit(result), /not recorded/)
    assert.equal(await newestRecord('store-audit', '', world.store), undefined)
  })

  it('finds what is not locked, can be unlocked, or ends before seven years, in the log too', async () => {
    const world = lockedWorld()
    for (const lock of [{}, {mode: 'GOVERNANCE', until: days(2557)}, {mode: 'COMPLIANCE', until: days(2190)}, {hold: true}] as const) {
      world.at(NOW, () => lock)
      await world.writer.gate(image(JSON.stringify(lock)), 'pass')
    }
    world.at(NOW, () => ({}))
    await sealStore(world.store)
    const result = await auditStore({}, world.context())
    assert.deepEqual([result.exitCode, codes(result)], [1, ['lock.missing 3', 'lock.weak 2', 'retention.too-short 1']])
    for (const code of ['lock.missing: 3', 'lock.weak: 2', 'retention.too-short: 1']) assert.ok(renderAudit(result).includes(code), code)
  })

  for (const sealed of [false, true])
    it(`finds a blob whose lock ends before that of a later record, ${sealed ? 'by the seals' : 'by the records'}`, async () => {
      const world = await namedAgain(400)
      if (sealed) await sealStore(world.store)
      // What is sealed is not read again: a leaf says which blobs there are.
      if (sealed) world.store.read = () => assert.fail('a record was read')
      const result = await auditStore({}, world.context(false))
      assert.deepEqual([result.exitCode, codes(result), result.findings[0]?.key], [1, ['blob.lock-ends-first 1'], BLOB_KEY])
    })

  it('counts a blob that ends a few weeks early, which the next extension mends, and finds nothing yet', async () => {
    const result = await auditStore({}, (await namedAgain(20)).context())
    assert.deepEqual([result.exitCode, result.behind], [0, 1])
    assert.match(renderAudit(result), /evidence extend/)
  })

  it('asks nothing of a blob for records that are over', async () => {
    const world = lockedWorld()
    for (const ago of [2700, 2600]) {
      world.at(days(-ago))
      await world.writer.gate(image(String(ago)), 'pass', {...withBlob, at: days(-ago)})
    }
    assert.deepEqual(codes(await auditStore({}, world.context())), [])
  })

  it('finds what is hidden and what is doubled, of every kind, before a weak setting', async () => {
    const world = lockedWorld({settings: {defaultRetention: {mode: 'GOVERNANCE', days: 2555}}})
    const one = await world.writer.gate(image('a'), 'pass', withBlob)
    const two = await world.writer.gate(image('b'), 'pass')
    await sealStore(world.store)
    world.store.hide(one.key)
    world.store.force(two.key, two.bytes)
    world.store.hide(BLOB_KEY)
    world.store.force(BLOB_KEY, BLOB)
    world.store.hide(sealKey(1))
    const result = await auditStore({}, world.context())
    assert.deepEqual(
      [result.exitCode, codes(result).toSorted()],
      [5, ['blob.hidden 1', 'blob.second-version 1', 'log.hidden 1', 'record.hidden 1', 'record.second-version 1', 'store.unfit 1']],
    )
    assert.deepEqual([result.markers, result.secondVersions], [3, 2])
  })

  it('tells what it could not see from what is right, and never the other way round', async () => {
    const world = lockedWorld({settings: {refused: ['policy', 'lifecycle']}})
    await world.writer.gate(image('a'), 'pass')
    const result = await auditStore({}, world.context())
    assert.deepEqual([result.exitCode, result.loopholes, result.unseen.length], [4, undefined, 2])
    assert.match(renderAudit(result), /could not be read/)
    const record = await newestRecord('store-audit', '', world.store)
    assert.equal(record?.record.data.outcome, 'error')
    assert.equal(record?.record.data.detail.may_shorten, undefined)
    const blind = lockedWorld({refuse: ['lockOf']})
    await blind.writer.gate(image('a'), 'pass')
    await assert.rejects(auditStore({}, blind.context()), {code: 'store.refused'})
  })

  it('names whom the policy leaves free', async () => {
    const store = {kind: 's3', bucket: 'memory', prefix: 'evidence/'} as const
    const glass = 'arn:aws:iam::111122223333:role/emergency'
    const policy = JSON.stringify(bucketPolicy({store, principals: principalsOf(new Map([['break-glass', [glass]]])), years: 7}))
    const world = lockedWorld({settings: {policy}})
    await world.writer.gate(image('a'), 'pass')
    const result = await auditStore({}, world.context())
    assert.deepEqual((await newestRecord('store-audit', '', world.store))?.record.data.detail.may_shorten, [glass])
    assert.match(renderAudit(result), /leaves out of its\s+denials arn:aws:iam::111122223333:role\/emergency/)
  })

  it('reads a sample only where that is asked for, says so, and sees all versions and markers all the same', async () => {
    const world = lockedWorld()
    const {key} = await world.writer.gate(image('hidden'), 'pass')
    for (let n = 0; n < 40; n += 1) await world.writer.gate(image(String(n)), 'pass')
    world.store.hide(key)
    const asked: string[] = []
    const {lockOf} = world.controls
    const controls = {...world.controls, lockOf: async (...of: Parameters<typeof lockOf>) => (asked.push(of[0]), lockOf(...of))}
    const result = await auditStore({oneIn: 8}, {...world.context(), storeControls: async () => controls})
    assert.ok(asked.length < 41, String(asked.length))
    assert.deepEqual([result.exitCode, result.records, result.markers], [5, 41, 1])
    assert.match(renderAudit(result), /only a sample was read/)
    const sampled = await newestRecord('store-audit', '', world.store)
    assert.equal(sampled?.record.data.detail.one_in, 8)
  })

  it('says of a record that cannot be read that it was altered', async () => {
    const world = lockedWorld()
    const {key} = await world.writer.gate(image('a'), 'pass')
    world.store.kept.set(
      key,
      (world.store.kept.get(key) ?? []).map((version) => ({...version, bytes: Buffer.from('other')})),
    )
    const result = await auditStore({}, world.context())
    assert.deepEqual([result.exitCode, codes(result)], [5, ['record.altered 1']])
  })

  it('does not call locked what was listed and cannot be looked at', async () => {
    const world = lockedWorld()
    const {key} = await world.writer.gate(image('a'), 'pass')
    const nothing = {...world.context(), storeControls: async () => ({...world.controls, lockOf: async () => undefined})}
    const result = await auditStore({}, nothing)
    assert.deepEqual([result.exitCode, result.findings[0]?.code, result.findings[0]?.key], [1, 'lock.missing', key])
  })

  it('does not call locked what is empty: the prefix may be a wrong one', async () => {
    const result = await auditStore({}, lockedWorld().context())
    assert.deepEqual([result.exitCode, codes(result)], [6, ['record.not-found 1']])
    assert.doesNotMatch(renderAudit(result), /is locked/)
  })

  it('has a record whatever the policy excepts', async () => {
    const except = (named: string) => ({
      Effect: 'Deny',
      Principal: '*',
      Action: 's3:*',
      Resource: ['arn:aws:s3:::memory', 'arn:aws:s3:::memory/*'],
      Condition: {ArnNotLike: {'aws:PrincipalArn': named}},
    })
    for (const named of ['', 'x'.repeat(2000)]) {
      const world = lockedWorld({settings: {policy: JSON.stringify({Statement: [except(named)]})}})
      await world.writer.gate(image('a'), 'pass')
      const {exitCode, loopholes, record} = await auditStore({}, world.context())
      assert.deepEqual([exitCode, loopholes?.[0]?.principals, record === undefined], [0, [named], false])
    }
  })

  it('reads records where the log cannot be read', async () => {
    const world = await namedAgain(400)
    await world.store.put(sealKey(1), Buffer.from('no seal'))
    const context = world.context()
    assert.deepEqual(codes(await auditStore({}, context)), ['blob.lock-ends-first 1'])
    assert.match(context.said.join('\n'), /the log is not used/)
  })

  it('refuses a folder, which locks nothing', async () => {
    const context = lockedWorld().context()
    await assert.rejects(auditStore({}, {...context, config: {...context.config, store: 'folder:/evidence'}}), {code: 'store.unsupported'})
  })
})

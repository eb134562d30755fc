/**
 * The attacks on a bucket of a real S3 server. What Object Lock is there to prevent is refused, to its owner too; in a
 * bucket whose locks can be bypassed it is done, and found.
 */
import assert from 'node:assert/strict'
import {DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand} from '@aws-sdk/client-s3'
import {parseStoreAddress} from '../../../../src/lib/evidence/store-address.ts'
import {ask} from '../../../attacks/ask.ts'
import {ATTACK_ROWS} from '../../../attacks/document.ts'
import {buildScene, type Hands, type Scene} from '../../../attacks/scene.ts'
import {openTestBucket} from '../../../open-bucket.ts'
import {asAwsEnvironment, startS3, type BucketSettings, type S3Server} from '../../../s3.ts'

describe('an attack on the evidence in a bucket of a real server', () => {
  let s3: S3Server
  before(async () => {
    s3 = await startS3()
  })
  after(() => s3.stop())
  asAwsEnvironment(() => s3.env)

  /** As the owner, who also bypasses what can be bypassed. */
  function handsOn(bucket: string, prefix: string): Hands {
    const at = (key: string) => ({Bucket: bucket, Key: `${prefix}${key}`})
    const force = async (key: string, bytes: Uint8Array) =>
      void (await s3.client().send(new PutObjectCommand({...at(key), Body: bytes, ChecksumAlgorithm: 'SHA256'})))
    const remove = async (key: string) => {
      const {Versions: versions = []} = await s3.client().send(new ListObjectVersionsCommand({Bucket: bucket, Prefix: `${prefix}${key}`}))
      for (const {VersionId} of versions) await s3.client().send(new DeleteObjectCommand({...at(key), VersionId, BypassGovernanceRetention: true}))
    }
    return {
      force,
      remove,
      hide: async (key) => void (await s3.client().send(new DeleteObjectCommand(at(key)))),
      async replace(key, bytes) {
        await remove(key)
        await force(key, bytes)
      },
    }
  }

  async function sceneIn(settings?: BucketSettings): Promise<Scene> {
    const {address} = await s3.makeBucket(settings)
    const {store} = await openTestBucket(address)
    const place = parseStoreAddress(address)
    assert.ok(place.kind === 's3')
    const clock = {now: () => new Date(), set: () => undefined}
    // Within the quarter of an hour that clocks may be apart.
    return buildScene({kind: 'bucket', store, clock, hands: handsOn(place.bucket, place.prefix)}, new Date(Date.now() - 11 * 60_000).toISOString())
  }

  it('that nobody made: nothing is found', async () => {
    const {store, clock} = await sceneIn()
    for (const full of [false, true]) {
      const {findings, exitCode, records} = await ask(store, clock.now(), {full})
      assert.deepEqual([findings, exitCode, records], [[], 0, 7])
    }
  })

  for (const {attack, act, finds, exit, needsUnlocked} of ATTACK_ROWS.filter(({on}) => on.includes('bucket'))) {
    if (needsUnlocked === true) {
      it(`${attack}: refused`, async () => {
        const scene = await sceneIn()
        await assert.rejects(async () => act(scene), /WORM protected/)
      })
    }

    it(`${attack}: ${finds[0]}, ${exit}`, async () => {
      const scene = await sceneIn(needsUnlocked === true ? {retention: {mode: 'GOVERNANCE', years: 7}} : {})
      const {about, ...asked} = await act(scene)
      const {findings, exitCode} = await ask(scene.store, scene.clock.now(), asked)
      const own = findings.filter(({code}) => code !== 'lock.weak')
      const said = JSON.stringify(findings, undefined, 1)
      assert.deepEqual(own.map(({code}) => code).toSorted(), [...finds].toSorted(), said)
      if (about !== undefined) assert.equal(own.find(({code}) => code === finds[0])?.key, about, said)
      // Locks that can be bypassed are a failed verdict of their own.
      assert.equal(exitCode, exit === 6 && needsUnlocked === true ? 1 : exit, said)
      assert.equal(findings.length > own.length, needsUnlocked === true, said)
    })
  }

  for (const [settings, code] of [
    [{retention: {mode: 'GOVERNANCE', years: 7}}, 'lock.weak'],
    [{retention: {mode: 'COMPLIANCE', days: 365}}, 'retention.too-short'],
    [{retention: 'none'}, 'lock.missing'],
    [{objectLock: false, versioning: true}, 'lock.missing'],
  ] as const) {
    it(`a bucket with ${JSON.stringify(settings)}: ${code}, 1`, async () => {
      const {store, clock} = await sceneIn(settings)
      const {findings, exitCode} = await ask(store, clock.now())
      assert.deepEqual(
        findings.map((one) => one.code),
        Array.from({length: 7}, () => code),
      )
      assert.equal(exitCode, 1)
    })
  }
})

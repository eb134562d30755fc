import assert from 'node:assert/strict'
import {createPublicKey} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {bundleFromJSON} from '@sigstore/bundle'
import {TrustedRoot} from '@sigstore/protobuf-specs'
import {toSignedEntity, toTrustMaterial, Verifier} from '@sigstore/verify'
import {run} from '../src/lib/process.ts'
import {attestBlob, cosignProgram} from './cosign.ts'
import {startLocalKms, type LocalKms} from './local-kms.ts'
import {scratch} from './scratch.ts'
import {startTimestampAuthority, type TimestampAuthority} from './timestamp-authority.ts'

const DAY = 86_400

describe('startTimestampAuthority', () => {
  const folder = scratch()
  let kms: LocalKms
  let authority: TimestampAuthority
  beforeEach(async () => {
    kms = await startLocalKms()
    authority = await startTimestampAuthority()
  })
  afterEach(() => Promise.all([kms.stop(), authority.stop()]))

  /** What Cosign says of a signature that it has stamped, and the bundle that it leaves. */
  async function signed(timestamps = authority): Promise<{exitCode: number; stderr: string; bundle: unknown}> {
    const result = await run(attestBlob(await cosignProgram(), folder(), {key: 'awskms:///alias/image-signing', timestamps}), {env: kms.env})
    assert.equal(result.kind, 'exited')
    const {exitCode, stderr} = result
    return {exitCode, stderr, bundle: exitCode === 0 ? JSON.parse(readFileSync(join(folder(), 'bundle.json'), 'utf8')) : undefined}
  }

  /** By another implementation than Cosign's. */
  async function verify(bundle: unknown, {trusted}: TimestampAuthority): Promise<void> {
    const publicKey = createPublicKey(await kms.publicKeyPem('alias/image-signing'))
    const root = TrustedRoot.fromJSON({timestampAuthorities: [trusted], tlogs: [], ctlogs: [], certificateAuthorities: []})
    const material = toTrustMaterial(root, () => ({publicKey, validFor: () => true}))
    new Verifier(material, {tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 1}).verify(toSignedEntity(bundleFromJSON(bundle)))
  }

  it('stamps a signature so that Cosign and Sigstore for Node both take it', async () => {
    const {exitCode, stderr, bundle} = await signed()
    assert.equal(exitCode, 0, stderr)
    await verify(bundle, authority)
  })

  it('stamps with its own key: a trusted root that names another authority does not take it', async () => {
    const other = await startTimestampAuthority()
    try {
      const {bundle} = await signed()
      await assert.rejects(verify(bundle, other), /timestamp/)
    } finally {
      await other.stop()
    }
  })

  it('stamps at the time that it is told, which may lie outside of its certificates', async () => {
    await authority.setClockOffset(-30 * DAY)
    const {bundle} = await signed()
    await verify(bundle, authority)
    await authority.setClockOffset(-400 * DAY)
    const {exitCode, stderr} = await signed()
    assert.notEqual(exitCode, 0)
    assert.match(stderr, /timestamp/)
  })
})

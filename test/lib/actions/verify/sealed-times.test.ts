/** The trusted time that the log over the evidence gives to the signature of a retired key. */
import assert from 'node:assert/strict'
import {pushImage} from '../../../../scripts/image/build-image.ts'
import {serviceImage} from '../../../../scripts/image/service.ts'
import {verifyImage} from '../../../../src/lib/actions/verify/verify-image.ts'
import type {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {checkpointKey, sealKey, timestampKey} from '../../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../../src/lib/evidence/record.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {testCheckpointKey} from '../../../fakes/checkpoint-keys.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {memoryImageStore, type MemoryImageStore} from '../../../fakes/memory-image-store.ts'
import {memoryStore, versionedMemoryStore, type MemoryStore, type VersionedMemoryStore} from '../../../fakes/memory-store.ts'
import {nextSeal, sealsOf, sealStore, signedHead, type SealOptions} from '../../../fakes/sealed-store.ts'
import {signatureOf} from '../../../fakes/statements.ts'
import {pinOf, verdictContext, type VerdictSetting} from '../../../fakes/verdict-context.ts'
import {PINNED, stampOf} from '../ledger/anchored-log.ts'

const HOME = 'registry.example/team/app'
const signer = createSigner()
const logKey = testCheckpointKey()
const sealing = {origin: logKey.verifier.name, keys: [logKey.verifier.text]}

interface Scene<S> {
  readonly images: MemoryImageStore
  readonly evidence: S
  readonly digest: string
  /** @param stamped the time that the pinned authority says */
  ask(setting?: Partial<VerdictSetting> & {readonly platform?: Config['platform']; readonly stamped?: string}): Promise<readonly [number, string | undefined]>
}

/** In a bucket: the record came when it was sealed, or then. */
async function scene(seal: SealOptions | undefined, came = seal?.at ?? '2026-05-20T08:00:00.000Z'): Promise<Scene<VersionedMemoryStore>> {
  return sceneIn(versionedMemoryStore({now: () => new Date(came)}), seal)
}

const inFolder = async (seal: SealOptions) => sceneIn<MemoryStore>(memoryStore({now: () => new Date(seal.at ?? '')}), seal)

/** An image whose signature's record was sealed at that time; its key was retired with the end of 2026-06-01. */
async function sceneIn<S extends MemoryStore | VersionedMemoryStore>(evidence: S, seal: SealOptions | undefined): Promise<Scene<S>> {
  const images = memoryImageStore({repository: HOME})
  const digest = await pushImage(images, serviceImage(), 'latest')
  const {descriptor} = await images.resolve(digest)
  const bundle = signer.bundle(signatureOf([digest], HOME))
  await attachBundle(images, descriptor, bundle)
  const recorder = await verdictContext({images: {}, evidence}).recorder()
  await recorder.write({
    stream: 'signature',
    subject: `${HOME}@${digest}`,
    outcome: 'pass',
    detail: {
      signer: {spki: signer.spki},
      repository: HOME,
      credential_kind: 'key-file',
      subjects: [],
      bundle: sha256Hex(bundle),
      manifest: digest,
    },
    blobs: [{name: 'bundle.sigstore.json', mediaType: 'application/json', bytes: bundle, exact: true}],
  })
  if (seal !== undefined) await sealStore(evidence, {key: logKey, ...seal})
  const requires = {signature: {keys: [pinOf(signer, {status: 'retired', until: '2026-06-01'})]}}
  return {
    images,
    evidence,
    digest,
    async ask({policy = {sealing}, platform, stamped, ...setting} = {}) {
      const world = verdictContext({
        policy: {environments: {production: {requires}}, ...policy},
        images: {[HOME]: images},
        keys: [signer],
        evidence,
        firstId: 1000,
        ...setting,
      })
      const config = {...world.config, ...(platform !== undefined && {platform})}
      const timestampTime = async () => (response: Uint8Array, about: Uint8Array) => (Buffer.compare(response, stampOf(about)) === 0 ? stamped : undefined)
      const {exitCode, checks} = await verifyImage({image: `${HOME}@${digest}`}, {...world, config, timestampTime})
      return [exitCode, checks.find(({name}) => name === 'signature')?.reason]
    },
  }
}

describe('the trusted time of a seal', () => {
  const inTime = {at: '2026-05-20T08:00:00.000Z'}

  it('makes what a retired key signed before its end verify', async () => {
    assert.deepEqual(await (await scene(inTime)).ask(), [0, undefined])
  })

  it('is later than the end: the key was retired by then', async () => {
    assert.deepEqual(await (await scene({at: '2026-06-02T00:00:00.000Z'})).ask(), [1, 'signature.key-retired'])
  })

  it('is when the record came, whatever a seal says of its own time', async () => {
    assert.deepEqual(await (await scene(inTime, '2026-06-02T00:00:00.000Z')).ask(), [1, 'signature.key-retired'])
  })

  it('is not taken from a leaf that says otherwise than the store', async () => {
    const {evidence, ask} = await scene(inTime, '2026-06-02T00:00:00.000Z')
    const entries = (await sealsOf(evidence)).flatMap(({seal}) => seal.entries)
    const forged = nextSeal(
      undefined,
      entries.map((leaf) => ({...leaf, last_modified: inTime.at})),
      inTime,
    )
    evidence.force(sealKey(1), forged.bytes)
    const {origin, size_after: size, root_after: root} = forged.seal
    evidence.force(checkpointKey(1), Buffer.from(signedHead({origin, size, root}, logKey)))
    assert.deepEqual(await ask(), [1, 'signature.no-trusted-time'])
  })

  it("is not taken from a folder, whose times are its owner's, but by a timestamp on a checkpoint", async () => {
    const {evidence, ask} = await inFolder(inTime)
    const policy = {sealing: {...sealing, 'timestamp-authorities': [PINNED]}}
    const asked = {policy, files: {'tsa.pem': 'synthetic chain'}}
    assert.deepEqual(await ask(), [1, 'signature.no-trusted-time'])
    assert.deepEqual(await ask({...asked, stamped: inTime.at}), [1, 'signature.no-trusted-time'])
    await evidence.put(timestampKey(1), stampOf((await evidence.get(checkpointKey(1))) ?? new Uint8Array()))
    assert.deepEqual(await ask({...asked, stamped: inTime.at}), [0, undefined])
    assert.deepEqual(await ask({...asked, stamped: '2026-06-02T00:00:00.000Z'}), [1, 'signature.key-retired'])
    assert.deepEqual(await ask({stamped: inTime.at}), [1, 'signature.no-trusted-time'])
  })

  it('is not there where the record is not sealed', async () => {
    assert.deepEqual(await (await scene(undefined)).ask(), [1, 'signature.no-trusted-time'])
  })

  it('is not taken from a log that nobody named', async () => {
    assert.deepEqual(await (await scene(inTime)).ask({policy: {}}), [1, 'signature.no-trusted-time'])
  })

  it('is not taken from a log that somebody else signed', async () => {
    const stranger = testCheckpointKey('a stranger')
    assert.deepEqual(await (await scene({...inTime, key: stranger})).ask(), [1, 'signature.no-trusted-time'])
  })

  it('is not taken from a seal that nobody signed', async () => {
    assert.deepEqual(await (await scene({...inTime, checkpoints: false})).ask(), [1, 'signature.no-trusted-time'])
  })

  it('is not taken from a seal whose checkpoint says something else', async () => {
    const one = await scene(inTime)
    const other = await scene({at: '2026-05-21T08:00:00.000Z'})
    one.evidence.force(checkpointKey(1), (await other.evidence.get(checkpointKey(1))) ?? new Uint8Array())
    assert.deepEqual(await one.ask(), [1, 'signature.no-trusted-time'])
  })

  it('is not taken where the store cannot be read', async () => {
    const one = await scene(inTime)
    const unreadable = {...one.evidence, list: () => assertUnreadable()}
    assert.deepEqual(await one.ask({evidence: unreadable}), [1, 'signature.no-trusted-time'])
  })

  it("is not taken under a platform's policy, which does not name the log", async () => {
    const one = await scene(inTime)
    assert.deepEqual(await one.ask({platform: {}}), [1, 'signature.no-trusted-time'])
  })
})

async function* assertUnreadable(): AsyncGenerator<string> {
  yield* []
  throw new AppError('store.refused', 'this role may not list')
}

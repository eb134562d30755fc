/** Lies about the signature: whoever may push can tell them. */
import {MEDIA_TYPES} from '../../src/lib/images/manifest.ts'
import {SIGN_TYPE} from '../../src/lib/evidence/statement.ts'
import type {Descriptor} from '../../src/lib/ports/images.ts'
import {BUNDLE_TYPE} from '../fakes/attach-bundle.ts'
import {gateOf, sbomOf, signatureOf} from '../fakes/statements.ts'
import type {Row} from './row.ts'
import type {Scene} from './scene.ts'

const OTHER_DIGEST = `sha256:${'0'.repeat(64)}`
const OTHER_REPOSITORY = 'registry.example/other/app'

/** Asked where nothing else is attached: what Cosign says then is about this signature, too. */
const SIGNATURE_ONLY = {requires: 'signature'} as const

export const SIGNATURE_ROWS: readonly Row[] = [
  {situation: 'nothing is wrong', expected: {exit: 0}, cosign: 0, lay: (scene) => scene.honest()},
  {
    situation: 'one byte of the signed payload is changed',
    expected: {exit: 1, reason: 'signature.invalid', check: 'signature'},
    cosign: 1,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository), {payload: (payload) => Buffer.from(payload.toString().replace('"1111', '"1112'))})
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'one byte of the signature is changed',
    expected: {exit: 1, reason: 'signature.invalid', check: 'signature'},
    cosign: 1,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository), {
        signature: (bytes) => Buffer.from(bytes.map((byte, at) => (at === 12 ? byte ^ 1 : byte))),
      })
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'one byte of the signature is changed, and every attestation is good',
    expected: {exit: 1, reason: 'signature.invalid', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['signature'])
      await scene.attach(signatureOf([scene.digest], scene.repository), {
        signature: (bytes) => Buffer.from(bytes.map((byte, at) => (at === 12 ? byte ^ 1 : byte))),
      })
    },
  },
  {
    situation: 'signed by a key that the policy does not pin',
    expected: {exit: 1, reason: 'signature.wrong-key', check: 'signature'},
    cosign: 1,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository), {by: scene.stranger})
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'signed by the right key for another repository',
    expected: {exit: 1, reason: 'signature.wrong-repository', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], OTHER_REPOSITORY))
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'signed by the right key, which names no repository',
    expected: {exit: 1, reason: 'signature.wrong-repository', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.attach({digests: [scene.digest], predicateType: SIGN_TYPE, predicate: {}})
      return SIGNATURE_ONLY
    },
  },
  {
    situation: "copied from the environment's repository, signature and all",
    notOnLayout: 'a folder does not know where it came from: it stands for the repository that it is asked for',
    expected: {exit: 1, reason: 'signature.wrong-repository', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], OTHER_REPOSITORY))
      return {requires: 'signature', repository: OTHER_REPOSITORY}
    },
  },
  {
    situation: 'the signature is about another image',
    expected: {exit: 1, reason: 'signature.wrong-subject', check: 'signature'},
    cosign: 1,
    async lay(scene) {
      await scene.attach(signatureOf([OTHER_DIGEST], scene.repository))
      return SIGNATURE_ONLY
    },
  },
  {situation: 'nothing is attached', expected: {exit: 6, reason: 'signature.missing', check: 'signature'}, cosign: 10, lay: async () => undefined},
  {
    situation: 'no signature, though every attestation is good',
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    cosign: 0,
    lay: (scene) => scene.honest(['signature']),
  },
  {
    situation: 'a signed SBOM only',
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.attach(sbomOf(scene.digest))
    },
  },
  {
    situation: 'an SBOM that claims, under signature, to be for this repository',
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.honest(['signature', 'sbom'])
      await scene.attach({...sbomOf(scene.digest), annotations: {repository: scene.repository}})
    },
  },
  {
    situation: 'the only bundle is an empty file',
    expected: {exit: 5, reason: 'attestation.unreadable', check: 'signature'},
    cosign: 10,
    async lay(scene) {
      await scene.attachBytes(Buffer.alloc(0))
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'the only signature is cut off in the middle',
    expected: {exit: 5, reason: 'attestation.unreadable', check: 'signature'},
    cosign: 10,
    async lay(scene) {
      await scene.attachBytes(scene.trusted.bundle(signatureOf([scene.digest], scene.repository)).subarray(0, 400))
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'an empty file, a cut-off bundle and strangers beside all that is good',
    expected: {exit: 0},
    cosign: 0,
    async lay(scene) {
      await scene.attachBytes(Buffer.alloc(0))
      await scene.attachBytes(scene.trusted.bundle(signatureOf([scene.digest], scene.repository)).subarray(0, 400))
      await scene.attach(signatureOf([scene.digest], scene.repository), {by: scene.stranger})
      await scene.attach(gateOf([scene.digest], {decision: 'fail'}), {by: scene.stranger})
      await scene.honest()
    },
  },
  {
    situation: 'two signatures in one envelope',
    expected: {exit: 1, reason: 'signature.invalid', check: 'signature'},
    cosign: 1,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository), {copies: 2})
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'a predicate of a type that nobody knows, beside all that is good',
    expected: {exit: 0},
    cosign: 0,
    async lay(scene) {
      await scene.honest()
      await scene.attach({digests: [scene.digest], predicateType: 'https://example.com/unknown/v1', predicate: {}})
    },
  },
  {
    situation: 'a predicate of a type that nobody knows, instead of the signature',
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.attach({digests: [scene.digest], predicateType: `${SIGN_TYPE}/`, predicate: {}, annotations: {repository: scene.repository}})
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'signed as another payload type',
    expected: {exit: 1, reason: 'signature.invalid', check: 'signature'},
    cosign: 1,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository), {payloadType: 'application/json'})
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'a good signature under a false key hint',
    expected: {exit: 1, reason: 'signature.wrong-key', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository), {hint: scene.stranger.spki})
      return SIGNATURE_ONLY
    },
  },
  {
    situation: "a stranger's signature under the hint of the pinned key",
    expected: {exit: 1, reason: 'signature.invalid', check: 'signature'},
    cosign: 1,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository), {by: scene.stranger, hint: scene.trusted.spki})
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'the pinned key signed something that is no statement',
    expected: {exit: 1, reason: 'attestation.invalid', check: 'signature'},
    cosign: 1,
    async lay(scene) {
      await scene.attach(Buffer.from('{"signed":"anything"}'))
      return SIGNATURE_ONLY
    },
  },
  {
    situation: 'the index is signed, and the pod names a platform that is not',
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    cosign: 10,
    index: true,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository))
      return {image: `${scene.repository}@${scene.image.children[0]?.descriptor.digest ?? ''}`}
    },
  },
  {
    situation: 'signed, and an index in an index: a scanner looks at one platform of it',
    expected: {exit: 5, reason: 'image.unsupported', check: 'image'},
    cosign: 0,
    index: true,
    async lay(scene) {
      const {mediaType, digest, size} = scene.image.descriptor
      const outer = {schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [{mediaType, digest, size, platform: {os: 'linux', architecture: 'amd64'}}]}
      const to = await scene.store.pushManifest(Buffer.from(JSON.stringify(outer)), MEDIA_TYPES.index)
      await scene.attach(signatureOf([to.digest], scene.repository), {to})
      return {...SIGNATURE_ONLY, image: `${scene.repository}@${to.digest}`}
    },
  },
  {
    situation: 'only the fallback tag lists the signature, which itself does not say what it is attached to',
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    cosign: 10,
    cosignByTag: 0,
    async lay(scene) {
      const loose = await attachLoose(scene, scene.trusted.bundle(signatureOf([scene.digest], scene.repository)))
      await pushFallback(scene, [loose])
      return SIGNATURE_ONLY
    },
  },
  {
    situation: "the fallback tag lists a stranger's signature, the referrers API all that is good",
    expected: {exit: 0},
    cosign: 0,
    async lay(scene) {
      await scene.honest()
      await pushFallback(scene, [await attachLoose(scene, scene.stranger.bundle(signatureOf([scene.digest], scene.repository)))])
    },
  },
]

/** A bundle's manifest without a subject: no referrers API lists it. */
async function attachLoose({store}: Scene, bundle: Uint8Array): Promise<Descriptor> {
  const config = await store.pushBlob(Buffer.from('{}'))
  const layer = await store.pushBlob(bundle)
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    artifactType: BUNDLE_TYPE,
    config: {...config, mediaType: MEDIA_TYPES.empty},
    layers: [{...layer, mediaType: BUNDLE_TYPE}],
  }
  return {...(await store.pushManifest(Buffer.from(JSON.stringify(manifest)), MEDIA_TYPES.manifest)), artifactType: BUNDLE_TYPE}
}

/** What is listed, and more. */
async function pushFallback({store, digest}: Scene, manifests: readonly Descriptor[]): Promise<void> {
  const index = {schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: [...(await store.referrers(digest)), ...manifests]}
  await store.pushManifest(Buffer.from(JSON.stringify(index)), MEDIA_TYPES.index, digest.replace(':', '-'))
}

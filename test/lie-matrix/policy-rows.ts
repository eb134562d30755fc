/** Keys outside their time, clocks that are wrong, and policies that ask for nothing. */
import {ago, revocationsOf, scanOf, signatureOf} from '../fakes/statements.ts'
import {NOW} from '../fakes/verdict-context.ts'
import type {Ask, Row} from './row.ts'
import type {Scene} from './scene.ts'

/** All is good but for how it is asked. */
const asked = (ask: Ask) => async (scene: Scene) => {
  await scene.honest()
  return ask
}

/** All is good but for the list of revocations. */
const listed = (list: (scene: Scene) => Uint8Array) => async (scene: Scene) => {
  await scene.honest()
  return {revocations: list(scene)}
}

export const POLICY_ROWS: readonly Row[] = [
  {
    situation: 'the key is retired, and nothing proves that the signature is older',
    expected: {exit: 1, reason: 'signature.no-trusted-time', check: 'signature'},
    cosign: 0,
    lay: asked({pin: {status: 'retired'}}),
  },
  {
    situation: 'the key was trusted until yesterday',
    expected: {exit: 1, reason: 'signature.no-trusted-time', check: 'signature'},
    cosign: 0,
    lay: asked({pin: {until: ago(24).slice(0, 10)}}),
  },
  {
    situation: 'the key was trusted until yesterday, and the day before is asked about: nothing proves that it signed by then',
    expected: {exit: 1, reason: 'signature.no-trusted-time', check: 'signature'},
    cosign: 0,
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository))
      return {requires: 'signature', pin: {until: ago(24).slice(0, 10)}, asOf: new Date(ago(48))}
    },
  },
  {
    situation: 'the key is trusted from tomorrow on',
    expected: {exit: 1, reason: 'signature.key-retired', check: 'signature'},
    cosign: 0,
    lay: asked({pin: {from: ago(-24).slice(0, 10)}}),
  },
  {
    situation: 'the key is compromised',
    expected: {exit: 1, reason: 'signature.key-compromised', check: 'signature'},
    cosign: 0,
    lay: asked({pin: {status: 'compromised'}}),
  },
  {
    situation: 'the key is compromised, and its time would still run',
    expected: {exit: 1, reason: 'signature.key-compromised', check: 'signature'},
    cosign: 0,
    lay: asked({pin: {status: 'compromised', from: '2020-01-01', until: '2099-12-31'}}),
  },
  {
    situation: 'the clock stands in the past',
    expected: {exit: 1, reason: 'attestation.invalid', check: 'scan'},
    cosign: 0,
    lay: asked({now: new Date(NOW.getTime() - 365 * 86_400_000)}),
  },
  {
    situation: 'the scan says that it ends tomorrow',
    expected: {exit: 1, reason: 'attestation.invalid', check: 'scan'},
    cosign: 0,
    async lay(scene) {
      await scene.honest()
      await scene.attach(scanOf(scene.digest, {finishedAt: ago(-24)}))
    },
  },
  {
    situation: 'the policy requires nothing',
    expected: {exit: 1, reason: 'policy.requires-nothing', check: 'signature'},
    cosign: 0,
    lay: asked({requires: null}),
  },
  {
    situation: 'the policy names no keys',
    expected: {exit: 2, reason: 'policy.invalid'},
    cosign: 0,
    lay: asked({requires: {sbom: {}}}),
  },
  {
    situation: "the pinned key's file holds another key",
    expected: {exit: 2, reason: 'policy.invalid'},
    cosign: 0,
    async lay(scene) {
      await scene.honest()
      return {pin: {file: `keys/${scene.stranger.spki}.pub`}}
    },
  },
  {
    situation: "the pinned key's file is not there",
    expected: {exit: 2, reason: 'key.unreadable'},
    cosign: 0,
    lay: asked({pin: {file: 'keys/absent.pub'}}),
  },
  {
    situation: 'the digest is revoked',
    expected: {exit: 1, reason: 'image.revoked', check: 'revocation'},
    cosign: 0,
    lay: listed((scene) => scene.stranger.bundle(revocationsOf([{digest: scene.digest}]))),
  },
  {
    situation: 'another digest is revoked',
    expected: {exit: 0},
    cosign: 0,
    lay: listed((scene) => scene.stranger.bundle(revocationsOf([{digest: `sha256:${'0'.repeat(64)}`}]))),
  },
  {
    situation: 'one platform of the index is revoked',
    expected: {exit: 1, reason: 'image.revoked', check: 'revocation'},
    cosign: 0,
    index: true,
    lay: listed((scene) => scene.stranger.bundle(revocationsOf([{digest: scene.image.children[1]?.descriptor.digest ?? ''}]))),
  },
  {
    situation: 'the list of revocations is older than allowed',
    expected: {exit: 5, reason: 'revocation.stale', check: 'revocation'},
    cosign: 0,
    lay: listed((scene) => scene.stranger.bundle(revocationsOf([], ago(25)))),
  },
  {
    situation: 'the list of revocations is from the future',
    expected: {exit: 5, reason: 'revocation.stale', check: 'revocation'},
    cosign: 0,
    lay: listed((scene) => scene.stranger.bundle(revocationsOf([], ago(-1)))),
  },
  {
    situation: 'the list of revocations is signed by another key',
    expected: {exit: 5, reason: 'revocation.unreadable', check: 'revocation'},
    cosign: 0,
    lay: listed((scene) => scene.trusted.bundle(revocationsOf([]))),
  },
  {
    situation: 'the list of revocations is empty',
    expected: {exit: 5, reason: 'revocation.unreadable', check: 'revocation'},
    cosign: 0,
    lay: listed(() => new Uint8Array()),
  },
  {
    situation: 'the tag points to an image that is not signed; the signed one it pointed to before is still there',
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    cosign: 10,
    async lay(scene) {
      await scene.honest()
      const moved = JSON.stringify({...(JSON.parse(Buffer.from(scene.image.bytes).toString()) as object), annotations: {moved: 'yes'}})
      await scene.store.pushManifest(Buffer.from(moved), scene.image.descriptor.mediaType, 'latest')
      return {image: `${scene.repository}:latest`}
    },
  },
]

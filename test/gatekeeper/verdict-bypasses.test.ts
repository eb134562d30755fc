/**
 * The ways around admission that only a verdict can close, by their number: lies about what is attached to an image, told to
 * the built `admission serve` over a real registry, and asked about by the real engine. What the lies are: `test/lie-matrix`.
 */
import assert from 'node:assert/strict'
import {serviceImage, serviceIndex} from '../../scripts/image/service.ts'
import type {Descriptor} from '../../src/lib/ports/images.ts'
import {MEDIA_TYPES} from '../../src/lib/images/manifest.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {attachBundle} from '../fakes/attach-bundle.ts'
import {provenanceOf, signatureOf} from '../fakes/statements.ts'
import {pinOf} from '../fakes/verdict-context.ts'
import {ATTESTATION_ROWS} from '../lie-matrix/attestation-rows.ts'
import type {Ask, Row} from '../lie-matrix/row.ts'
import {createScene, type Scene} from '../lie-matrix/scene.ts'
import {SIGNATURE_ROWS} from '../lie-matrix/signature-rows.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {assertKeptOut, assertLetIn, CLUSTER, startJudgingGate, type JudgingGate} from './judging-gate.ts'

/** A row, or one that is about admission alone. The reason: none where it is let in. */
interface Lie extends Pick<Row, 'situation' | 'lay'> {
  readonly number: number
  readonly index?: true
  readonly reason?: string
}

const ROWS = [...SIGNATURE_ROWS, ...ATTESTATION_ROWS]
const row = (number: number, situation: string, reason?: string): Lie => {
  const {lay, index, expected} = ROWS.find((one) => one.situation === situation) ?? assert.fail(situation)
  const why = reason ?? expected.reason
  return {number, situation, lay, ...(index && {index}), ...(why !== undefined && {reason: why})}
}
const SIGNATURE_ONLY = {requires: 'signature'} as const
const OTHER = 'registry.example/other/app'

const LIES: readonly Lie[] = [
  row(0, 'nothing is wrong'),
  row(0, 'nothing is attached'),
  row(11, 'signed by the right key for another repository'),
  row(11, 'signed by the right key, which names no repository'),
  row(11, "copied from the environment's repository, signature and all", 'policy.unknown-image'),
  {
    number: 11,
    situation: 'in the old form, signed by the right key for another repository',
    reason: 'signature.wrong-repository',
    lay: async (scene) => signOld(scene, {repository: OTHER}),
  },
  row(12, 'a signed SBOM only'),
  row(12, 'no signature, though every attestation is good'),
  row(12, 'an SBOM that claims, under signature, to be for this repository'),
  row(12, 'a predicate of a type that nobody knows, instead of the signature'),
  row(13, 'the SBOM is signed by a stranger'),
  row(13, 'the SBOM is about another image'),
  row(13, 'the SBOM is not an SBOM'),
  {
    number: 13,
    situation: 'the provenance is signed by a stranger',
    reason: 'provenance.missing',
    async lay(scene) {
      await scene.honest(['provenance'])
      await scene.attach(provenanceOf([scene.digest]), {by: scene.stranger})
    },
  },
  {
    number: 13,
    situation: 'the provenance was changed after it was signed',
    reason: 'provenance.missing',
    async lay(scene) {
      await scene.honest(['provenance'])
      await scene.attach(provenanceOf([scene.digest]), {payload: (payload) => Buffer.from(payload.toString().replace('team/app', 'team/bad'))})
    },
  },
  row(13, 'one byte of the signed payload is changed'),
  row(13, 'one byte of the signature is changed, and every attestation is good'),
  row(14, 'the signature is about another image'),
  {
    number: 14,
    situation: 'the bundle of another image of this repository, byte for byte',
    reason: 'signature.wrong-subject',
    async lay(scene) {
      const bundle = scene.trusted.bundle(signatureOf([`sha256:${'0'.repeat(64)}`], scene.repository))
      await scene.attachBytes(bundle)
      return SIGNATURE_ONLY
    },
  },
  {
    number: 14,
    situation: 'in the old form, the signature of another image',
    reason: 'signature.wrong-subject',
    lay: async (scene) => signOld(scene, {digest: `sha256:${'0'.repeat(64)}`}),
  },
  row(15, 'the index is signed, and the pod names a platform that is not'),
  {
    number: 15,
    situation: 'the pod names a platform of an index, and both are signed',
    index: true,
    async lay(scene) {
      const child = childOf(scene)
      await scene.attach(signatureOf([scene.digest, child.digest], scene.repository))
      await attachBundle(scene.store, child, scene.trusted.bundle(signatureOf([scene.digest, child.digest], scene.repository)))
      return {...SIGNATURE_ONLY, image: `${scene.repository}@${child.digest}`}
    },
  },
  {
    number: 15,
    situation: 'a platform is signed, and the pod names the index that holds it',
    index: true,
    reason: 'signature.missing',
    async lay(scene) {
      const child = childOf(scene)
      await attachBundle(scene.store, child, scene.trusted.bundle(signatureOf([child.digest], scene.repository)))
      return SIGNATURE_ONLY
    },
  },
  row(16, "the fallback tag lists a stranger's signature, the referrers API all that is good"),
  row(16, 'only the fallback tag lists the signature, which itself does not say what it is attached to'),
  {number: 16, situation: 'signed in the old form alone', lay: async (scene) => signOld(scene, {})},
  {
    number: 16,
    situation: "signed in the new form, a stranger's beside it in the old one",
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository))
      return signOld(scene, {by: scene.stranger})
    },
  },
  {
    number: 16,
    situation: 'strangers signed in both forms',
    reason: 'signature.wrong-key',
    async lay(scene) {
      await scene.attach(signatureOf([scene.digest], scene.repository), {by: scene.stranger})
      return signOld(scene, {by: scene.stranger})
    },
  },
]

for (const referrers of [true, false]) {
  describe(`a way around a verdict, on a registry ${referrers ? 'with the referrers API' : 'that knows only tags (16)'}`, function () {
    this.timeout(180_000)
    let registry: TestRegistry
    let gate: JudgingGate
    const images = new Map<Lie, string>()
    const namespaceOf = (lie: Lie) => `lie-${LIES.indexOf(lie)}`

    before(async () => {
      registry = await startRegistry({referrers})
      const environments: Record<string, unknown> = {}
      const keys = []
      for (const lie of LIES) {
        const repository = `${registry.host}/prod/${namespaceOf(lie)}`
        const scene = await createScene(openRegistry(repository), repository, lie.index === true ? serviceIndex() : serviceImage())
        const ask = (await lie.lay(scene)) ?? {}
        images.set(lie, ask.image ?? `${repository}@${scene.digest}`)
        keys.push(scene.trusted)
        environments[namespaceOf(lie)] = environmentOf(scene, ask, namespaceOf(lie))
      }
      gate = await startJudgingGate({policy: {environments}, keys})
    })
    after(async () => {
      await gate?.stop()
      await registry?.stop()
    })

    for (const lie of LIES)
      it(`is ${lie.reason === undefined ? 'not what keeps good images out' : 'closed'} (${lie.number}): ${lie.situation}`, async () => {
        const asked = await gate.ask(namespaceOf(lie), images.get(lie) ?? '')
        await (lie.reason === undefined ? assertLetIn(gate, asked) : assertKeptOut(gate, asked, lie.reason))
      })
  })
}

function environmentOf({repository, trusted}: Scene, ask: Ask, namespace: string): unknown {
  const signature = {keys: [pinOf(trusted)]}
  const everything = {signature, sbom: {}, provenance: {}, scan: {}, gate: {max: {critical: 0, high: 0}}}
  return {
    repository: ask.repository ?? repository,
    match: {clusters: [CLUSTER], namespaces: [namespace]},
    requires: ask.requires === 'signature' ? {signature} : everything,
  }
}

function childOf({image}: Scene): Descriptor {
  return image.children[0]?.descriptor ?? assert.fail('no index')
}

/** As Cosign 2 signs with a key: simple signing, under a tag. */
async function signOld(
  {store, digest: own, repository: here, trusted}: Scene,
  {digest = own, repository = here, by = trusted}: Partial<Pick<Scene, 'digest' | 'repository'>> & {readonly by?: Scene['trusted']},
): Promise<Ask> {
  const critical = {identity: {'docker-reference': repository}, image: {'docker-manifest-digest': digest}, type: 'cosign container image signature'}
  const payload = Buffer.from(JSON.stringify({critical, optional: null}))
  const config = await store.pushBlob(Buffer.from('{}'))
  const layer = await store.pushBlob(payload)
  const annotations = {'dev.cosignproject.cosign/signature': by.sign(payload).toString('base64')}
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.manifest,
    config: {...config, mediaType: 'application/vnd.oci.image.config.v1+json'},
    layers: [{...layer, mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json', annotations}],
  }
  await store.pushManifest(Buffer.from(JSON.stringify(manifest)), MEDIA_TYPES.manifest, `${own.replace(':', '-')}.sig`)
  return SIGNATURE_ONLY
}

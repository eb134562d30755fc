/** Images that others built. */
import assert from 'node:assert/strict'
import {pushImage} from '../../../../scripts/image/build-image.ts'
import {serviceIndex} from '../../../../scripts/image/service.ts'
import type {ImageStore} from '../../../../src/lib/ports/images.ts'
import {container} from '../../admission/reviews.ts'
import {memoryImageStore} from '../../../fakes/memory-image-store.ts'
import {revocationsOf} from '../../../fakes/statements.ts'
import {pinOf} from '../../../fakes/verdict-context.ts'
import {HOME, home, other, outcome, VENDOR, world} from './admission-world.ts'

describe('decideAdmission, for images that others built', () => {
  const digest = `sha256:${'9'.repeat(64)}`
  const rule = {match: 'registry.example/vendor/*', digests: [digest], 'approved-by': 'platform-team', until: '2026-12-31'}
  const decided = async (images: unknown[], image = `${VENDOR}@${digest}`) => world({policy: {images}}).decide({containers: [container(image)]})

  it('are admitted by a rule, without asking a registry', async () => {
    const result = await decided([rule])
    assert.deepEqual(outcome(result), {exitCode: 0, allowed: true, verdict: 'verified', reasons: []})
    assert.match(result.images[0]?.message ?? '', /approved by platform-team until 2026-12-31/)
  })

  it('are refused without one, beyond its digests, and after its end', async () => {
    assert.deepEqual(outcome(await decided([])).reasons, ['policy.unknown-image'])
    assert.deepEqual(outcome(await decided([rule], `${VENDOR}@sha256:${'8'.repeat(64)}`)).reasons, ['policy.unknown-image'])
    assert.deepEqual(outcome(await decided([{...rule, until: '2026-06-14'}])).reasons, ['policy.expired'])
  })

  it('are refused once they are revoked, and where nobody can tell', async () => {
    const revocations = {from: 'revocations.json', key: pinOf(other)}
    const under = async (bytes: Uint8Array) =>
      outcome(await world({policy: {images: [rule], revocations}, files: {'revocations.json': bytes}}).decide({containers: [container(`${VENDOR}@${digest}`)]}))
    assert.deepEqual(await under(other.bundle(revocationsOf([]))), {exitCode: 0, allowed: true, verdict: 'verified', reasons: []})
    assert.deepEqual(await under(other.bundle(revocationsOf([{digest}]))), {exitCode: 1, allowed: false, verdict: 'failed', reasons: ['image.revoked']})
    assert.deepEqual(await under(Buffer.from('{}')), {exitCode: 5, allowed: false, verdict: 'could-not-check', reasons: ['revocation.unreadable']})
  })

  it('are refused where a platform of theirs is revoked, as `verify` refuses them', async () => {
    const store = memoryImageStore({repository: VENDOR})
    const index = await pushImage(store, serviceIndex())
    const [, child = ''] = ((await store.resolve(index)).json.manifests ?? []).map((each) => each.digest)
    const revoked = async (what: string, images: Readonly<Record<string, ImageStore>> = {[VENDOR]: store}) => {
      const files = {'revocations.json': other.bundle(revocationsOf([{digest: what}]))}
      const policy = {images: [{...rule, digests: [index]}], revocations: {from: 'revocations.json', key: pinOf(other)}}
      return outcome(await world({policy, files, images}).decide({containers: [container(`${VENDOR}@${index}`)]}))
    }
    assert.deepEqual(await revoked(child), {exitCode: 1, allowed: false, verdict: 'failed', reasons: ['image.revoked']})
    assert.deepEqual(await revoked(digest), {exitCode: 0, allowed: true, verdict: 'verified', reasons: []})
    assert.deepEqual(await revoked(digest, {}), {exitCode: 4, allowed: false, verdict: 'could-not-check', reasons: ['registry.unreachable']})
    const empty = {[VENDOR]: memoryImageStore({repository: VENDOR})}
    assert.deepEqual(await revoked(digest, empty), {exitCode: 1, allowed: false, verdict: 'failed', reasons: ['image.not-found']})
  })

  it('are refused where a platform in an index within the index is revoked: a node follows both', async () => {
    const store = memoryImageStore({repository: VENDOR})
    const inner = await store.resolve(await pushImage(store, serviceIndex()))
    const child = inner.json.manifests?.[0]?.digest ?? assert.fail('an index without platforms')
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const outer = await store.pushManifest(Buffer.from(JSON.stringify({schemaVersion: 2, mediaType, manifests: [inner.descriptor]})), mediaType)
    const files = {'revocations.json': other.bundle(revocationsOf([{digest: child}]))}
    const policy = {images: [{...rule, digests: [outer.digest]}], revocations: {from: 'revocations.json', key: pinOf(other)}}
    const result = await world({policy, files, images: {[VENDOR]: store}}).decide({containers: [container(`${VENDOR}@${outer.digest}`)]})
    assert.deepEqual(outcome(result), {exitCode: 1, allowed: false, verdict: 'failed', reasons: ['image.revoked']})
  })

  it("cannot stand in for the environment's own: a rule does not spare them the signature", async () => {
    const {store, image, digest: own} = await home({signed: false})
    const context = world({images: {[HOME]: store}, policy: {images: [{...rule, match: 'registry.example/**', digests: [own]}]}})
    assert.deepEqual(outcome(await context.decide({containers: [container(image)]})).reasons, ['signature.missing'])
  })

  it('change the digest of the policy when a rule changes', async () => {
    const [one, two] = await Promise.all([decided([rule]), decided([{...rule, until: '2027-01-01'}])])
    assert.notEqual(one.policy, two.policy)
  })
})

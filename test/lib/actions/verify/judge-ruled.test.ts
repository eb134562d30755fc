/** Images that others built: judged by the rule that covers them, by `verify` and at admission alike. */
import assert from 'node:assert/strict'
import {pushImage} from '../../../../scripts/image/build-image.ts'
import {serviceImage} from '../../../../scripts/image/service.ts'
import {verifyImage} from '../../../../src/lib/actions/verify/verify-image.ts'
import {attachBundle} from '../../../fakes/attach-bundle.ts'
import {createSigner} from '../../../fakes/dsse-signer.ts'
import {IDENTITY, ISSUER, keylessBundle} from '../../../fakes/keyless-signer.ts'
import {memoryImageStore} from '../../../fakes/memory-image-store.ts'
import {startAuthorities} from '../../../fakes/sigstore-authorities.ts'
import {statementBytes} from '../../../../src/lib/evidence/statement.ts'
import {pinOf} from '../../../fakes/verdict-context.ts'
import {container} from '../../admission/reviews.ts'
import {outcome, signer, VENDOR, world} from '../admission/admission-world.ts'

const [vendor, stranger] = [createSigner(), createSigner()]
const approved = {match: 'registry.example/vendor/*', 'approved-by': 'platform-team', until: '2026-12-31'}
const OTHER = `sha256:${'0'.repeat(64)}`

async function vendorImage(...bundles: readonly ((digest: string) => Uint8Array | Promise<Uint8Array>)[]) {
  const store = memoryImageStore({repository: VENDOR})
  const digest = await pushImage(store, serviceImage(), 'latest')
  const {descriptor} = await store.resolve(digest)
  for (const bundle of bundles) await attachBundle(store, descriptor, await bundle(digest))
  return {store, digest}
}

/** As Cosign signs it, for nobody's repository in particular. */
const signature = (digest: string) => ({digests: [digest], predicateType: 'https://sigstore.dev/cosign/sign/v1', predicate: {}})
const byVendor = (digest: string) => vendor.bundle(signature(digest))

interface Judged {
  readonly verify: readonly unknown[]
  readonly admission: readonly unknown[]
}

describe('an image that others built', () => {
  async function judged(
    rules: readonly object[],
    {store, digest}: Awaited<ReturnType<typeof vendorImage>>,
    more: {readonly files?: Readonly<Record<string, string>>; readonly policy?: object} = {},
  ): Promise<Judged> {
    const context = world({
      policy: {images: rules, ...more.policy},
      images: {[VENDOR]: store},
      keys: [signer, vendor, stranger],
      ...(more.files && {files: more.files}),
    })
    const {exitCode, environment, checks} = await verifyImage({image: `${VENDOR}@${digest}`}, context)
    assert.equal(environment, '(images)')
    const pod = outcome(await context.decide({containers: [container(`${VENDOR}@${digest}`)]}))
    return {verify: [exitCode, ...checks.flatMap(({reason}) => reason ?? [])], admission: [pod.exitCode, ...(pod.reasons ?? [])]}
  }

  const both = (...outcomes: readonly unknown[]): Judged => ({verify: outcomes, admission: outcomes})

  it('is admitted by its digest, whoever signed it', async () => {
    const image = await vendorImage()
    assert.deepEqual(await judged([{...approved, digests: [image.digest]}], image), both(0))
    assert.deepEqual(await judged([{...approved, digests: [OTHER]}], image), both(1, 'policy.unknown-image'))
    assert.deepEqual(await judged([{...approved, digests: [image.digest], until: '2026-01-01'}], image), both(1, 'policy.expired'))
  })

  it('is admitted by the signature of a key that the rule names, which need not name a repository', async () => {
    const rule = {...approved, keys: [pinOf(vendor)]}
    assert.deepEqual(await judged([rule], await vendorImage(byVendor)), both(0))
    assert.deepEqual(await judged([rule], await vendorImage((digest) => stranger.bundle(signature(digest)))), both(1, 'signature.wrong-key'))
    assert.deepEqual(await judged([rule], await vendorImage(() => vendor.bundle(signature(OTHER)))), both(1, 'signature.wrong-subject'))
    const unsigned = await judged([rule], await vendorImage())
    assert.deepEqual([unsigned.verify, unsigned.admission[1]], [[6, 'signature.missing'], 'signature.missing'])
    assert.deepEqual(await judged([{...rule, until: '2026-01-01'}], await vendorImage(byVendor)), both(1, 'policy.expired'))
    assert.deepEqual(
      await judged([{...rule, keys: [pinOf(vendor, {status: 'compromised'})]}], await vendorImage(byVendor)),
      both(1, 'signature.key-compromised'),
    )
  })

  it('is admitted by an identity that the trusted root vouches for', async () => {
    const authorities = await startAuthorities()
    const image = await vendorImage(async (digest) => Buffer.from(JSON.stringify(await keylessBundle(authorities, statementBytes(signature(digest))))))
    const more = {files: {'root.json': JSON.stringify(authorities.trustedRoot)}, policy: {'trusted-root': 'root.json'}}
    assert.deepEqual(await judged([{...approved, identities: [{issuer: ISSUER, identity: IDENTITY}]}], image, more), both(0))
    assert.deepEqual(await judged([{...approved, identities: [{issuer: ISSUER, identity: 'somebody-else'}]}], image, more), both(1, 'signature.wrong-identity'))
  })

  it('wants digest and signature where one rule names both, and is content with one rule of several', async () => {
    const image = await vendorImage(byVendor)
    const rule = {...approved, keys: [pinOf(vendor)]}
    assert.deepEqual(await judged([{...rule, digests: [OTHER]}], image), both(1, 'policy.unknown-image'))
    assert.deepEqual(await judged([{...rule, digests: [image.digest]}], image), both(0))
    assert.deepEqual(await judged([{...approved, keys: [pinOf(stranger)]}, rule], image), both(0))
  })

  it('says who approved it, and by which rule it was judged', async () => {
    const {store, digest} = await vendorImage(byVendor)
    const context = world({policy: {images: [{...approved, keys: [pinOf(vendor)]}]}, images: {[VENDOR]: store}, keys: [vendor]})
    const {checks, policy} = await verifyImage({image: `${VENDOR}:latest`}, context)
    assert.match(checks.find(({name}) => name === 'image')?.message ?? '', /platform-team until 2026-12-31 \(images rule registry\.example\/vendor\/\*\)/)
    const [record] = await context.records()
    assert.deepEqual([record?.subject, record?.data.environment], [`${VENDOR}@${digest}`, 'images'])
    assert.match(policy, /^[0-9a-f]{64}$/)
  })

  it('is out of reach where its registry is, whatever the rule says', async () => {
    const context = world({policy: {images: [{...approved, keys: [pinOf(vendor)]}]}, keys: [vendor]})
    assert.equal((await verifyImage({image: `${VENDOR}@${OTHER}`}, context)).exitCode, 4)
  })
})

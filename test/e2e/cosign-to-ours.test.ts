/** What Cosign itself signs, in each of its forms, is verified by our own; and is no longer, once a byte of it has changed. */
import assert from 'node:assert/strict'
import {createHash} from 'node:crypto'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {ImageStore} from '../../src/lib/ports/images.ts'
import type {FoundSignature, SignatureCheck, Trust, TrustedKey} from '../../src/lib/ports/signatures.ts'
import {readPublicKey} from '../../src/lib/policy/public-key.ts'
import {run} from '../../src/lib/process.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {verifySignature} from '../../src/lib/sigstore/verify-signature.ts'
import {pushImage} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {cosignProgram} from '../cosign.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {scratch} from '../scratch.ts'
import {startTimestampAuthority, type TimestampAuthority} from '../timestamp-authority.ts'

const LEGACY = ['--new-bundle-format=false', '--use-signing-config=false', '--tlog-upload=false', '--yes']
const TYPE = 'https://example.test/synthetic'

describe('what Cosign signs', function () {
  this.timeout(120_000)
  const folder = scratch()
  let registry: TestRegistry
  let authority: TimestampAuthority
  let key: TrustedKey
  let store: ImageStore
  let digest: string
  let image: string

  before(async () => {
    registry = await startRegistry()
    authority = await startTimestampAuthority()
  })
  after(() => Promise.all([registry.stop(), authority.stop()]))

  beforeEach(async () => {
    await cosign('generate-key-pair', '--output-key-prefix', 'cosign')
    const read = readPublicKey(readFileSync(at('cosign.pub'), 'utf8'))
    if (read === undefined) throw new Error('Cosign made a key that cannot be read')
    key = read
    const repository = `${registry.host}/clinic/api`
    store = openRegistry(repository)
    digest = await pushImage(store, serviceImage({version: String(process.hrtime.bigint())}))
    image = `${repository}@${digest}`
    writeFileSync(at('predicate.json'), '{"synthetic":true}')
    writeFileSync(at('message.txt'), 'synthetic release notes')
  })

  const at = (name: string): string => join(folder(), name)

  async function cosign(...args: readonly string[]): Promise<void> {
    const result = await run([await cosignProgram(), ...args], {cwd: folder(), env: {COSIGN_PASSWORD: ''}})
    assert.deepEqual([result.kind, result.kind === 'exited' && result.exitCode], ['exited', 0], 'stderr' in result ? result.stderr : result.kind)
  }

  /** Neither log nor trust root is asked; the authority, where there is to be a timestamp. */
  function offline(stamped = false): string[] {
    const tsaUrls = [{url: authority.url, majorApiVersion: 1, validFor: {start: '2020-01-01T00:00:00Z'}, operator: 'synthetic'}]
    const config = {
      mediaType: 'application/vnd.dev.sigstore.signingconfig.v0.2+json',
      rekorTlogConfig: {},
      ...(stamped ? {tsaUrls, tsaConfig: {selector: 'ANY'}} : {tsaConfig: {}}),
    }
    const root = {mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', timestampAuthorities: stamped ? [authority.trusted] : []}
    writeFileSync(at('signing-config.json'), JSON.stringify(config))
    writeFileSync(at('trusted-root.json'), JSON.stringify(root))
    return ['--signing-config', at('signing-config.json'), '--trusted-root', at('trusted-root.json'), '--yes']
  }

  async function attached(): Promise<FoundSignature[]> {
    const referrers = await store.referrers(digest)
    return Promise.all(
      referrers.map(async (referrer) => {
        const [layer] = (await store.resolve(referrer.digest)).json.layers ?? []
        if (layer === undefined) throw new Error('no bundle')
        return {form: 'bundle', bytes: await store.blob(layer)} as const
      }),
    )
  }

  /** Layers of one of the tags that Cosign 2 wrote. */
  async function tagged(suffix: 'sig' | 'att'): Promise<FoundSignature[]> {
    const {json} = await store.resolve(`${digest.replace(':', '-')}.${suffix}`)
    return Promise.all(
      (json.layers ?? []).map(async (layer) => {
        const bytes = await store.blob(layer)
        const annotations = layer.annotations ?? {}
        return suffix === 'sig' ? ({form: 'simple-signing', payload: bytes, annotations} as const) : ({form: 'envelope', envelope: bytes, annotations} as const)
      }),
    )
  }

  const trust = (): Trust => ({keys: [key], timestampAuthorities: [{chain: authority.chainPem}]})

  function verified([found, ...more]: readonly FoundSignature[], artifact?: Uint8Array | string): SignatureCheck & {state: 'verified'} {
    if (found === undefined || more.length > 0) throw new Error(`${more.length} signatures more than one`)
    const check = verifySignature(found, trust(), artifact)
    if (check.state === 'failed') throw new Error(`${check.reason}: ${check.message}`)
    assert.deepEqual(check.signer, {spki: key.spki})
    for (const changed of tampered(found)) assert.equal(verifySignature(changed, trust(), artifact).state, 'failed', JSON.stringify(changed).slice(0, 200))
    assert.equal(verifySignature(found, {keys: []}, artifact).state, 'failed', 'no key')
    return check
  }

  it('a bundle of sign', async () => {
    await cosign('sign', '--key', at('cosign.key'), ...offline(), image)
    const {content, signedAt} = verified(await attached())
    assert.equal(subjectOf(content), digest)
    assert.equal(signedAt, undefined)
  })

  it('a bundle of sign with a timestamp', async () => {
    await authority.setClockOffset(-3600)
    const before = Date.now()
    await cosign('sign', '--key', at('cosign.key'), ...offline(true), image)
    const {signedAt = ''} = verified(await attached())
    const age = before - Date.parse(signedAt)
    assert.ok(age > 3_000_000 && age < 3_700_000, signedAt)
    await authority.setClockOffset(0)
  })

  it('a bundle of attest', async () => {
    await cosign('attest', '--key', at('cosign.key'), '--type', TYPE, '--predicate', at('predicate.json'), ...offline(), image)
    const {content} = verified(await attached())
    assert.equal(subjectOf(content), digest)
    assert.equal(content.kind === 'statement' && (content.statement as {predicateType: string}).predicateType, TYPE)
  })

  it('a bundle of sign-blob, by the bytes and by their digest', async () => {
    await cosign('sign-blob', '--key', at('cosign.key'), '--bundle', at('bundle.json'), ...offline(true), at('message.txt'))
    const found = [{form: 'bundle', bytes: readFileSync(at('bundle.json'))} as const]
    const message = readFileSync(at('message.txt'))
    const hash = `sha256:${createHash('sha256').update(message).digest('hex')}`
    for (const artifact of [message, hash]) {
      const {content, signedAt} = verified(found, artifact)
      assert.deepEqual(content, {kind: 'message', digest: hash})
      assert.notEqual(signedAt, undefined)
    }
  })

  it('a layer of sign, as Cosign 2 wrote it, with and without a timestamp', async () => {
    await cosign('sign', '--key', at('cosign.key'), ...LEGACY, image)
    const {content, signedAt} = verified(await tagged('sig'))
    assert.equal(content.kind === 'simple-signing' && content.digest, digest)
    assert.equal(content.kind === 'simple-signing' && content.repository, `${registry.host}/clinic/api`)
    assert.equal(signedAt, undefined)

    const second = await pushImage(store, serviceImage({version: String(process.hrtime.bigint())}))
    digest = second
    await cosign('sign', '--key', at('cosign.key'), '--timestamp-server-url', authority.url, ...LEGACY, `${registry.host}/clinic/api@${second}`)
    assert.notEqual(verified(await tagged('sig')).signedAt, undefined)
  })

  it('a layer of attest, as Cosign 2 wrote it, with and without a timestamp', async () => {
    const attest = ['attest', '--key', at('cosign.key'), '--type', TYPE, '--predicate', at('predicate.json'), ...LEGACY]
    await cosign(...attest, image)
    const {content, signedAt} = verified(await tagged('att'))
    assert.equal(subjectOf(content), digest)
    assert.equal(signedAt, undefined)

    digest = await pushImage(store, serviceImage({version: String(process.hrtime.bigint())}))
    await cosign(...attest, '--timestamp-server-url', authority.url, `${registry.host}/clinic/api@${digest}`)
    assert.notEqual(verified(await tagged('att')).signedAt, undefined)
  })
})

/** The signed digest of a statement about one image. */
function subjectOf(content: (SignatureCheck & {state: 'verified'})['content']): string | undefined {
  if (content.kind !== 'statement') return undefined
  const {subject} = content.statement as {subject: readonly {digest: {sha256: string}}[]}
  return `sha256:${subject[0]?.digest.sha256 ?? ''}`
}

/** One bit turned in what is signed, and one in the signature. */
function tampered(found: FoundSignature): FoundSignature[] {
  const turn = (base64: string): string => {
    const bytes = Buffer.from(base64, 'base64')
    bytes[10] = (bytes[10] ?? 0) ^ 1
    return bytes.toString('base64')
  }
  const replaced = (bytes: Uint8Array, name: string) =>
    Buffer.from(
      Buffer.from(bytes)
        .toString()
        .replace(new RegExp(`"${name}":\\s*"([^"]+)"`), (_, text: string) => `"${name}":"${turn(text)}"`),
    )
  if (found.form === 'bundle') {
    const names = Buffer.from(found.bytes).includes('"dsseEnvelope"') ? ['payload', 'sig'] : ['digest', 'signature']
    return names.map((name) => ({form: 'bundle', bytes: replaced(found.bytes, name)}))
  }
  if (found.form === 'envelope') return ['payload', 'sig'].map((name) => ({...found, envelope: replaced(found.envelope, name)}))
  const signature = 'dev.cosignproject.cosign/signature'
  return [
    {...found, payload: Buffer.from(Buffer.from(found.payload).toString().replace('sha256:', 'sha256: '))},
    {...found, annotations: {...found.annotations, [signature]: turn(found.annotations[signature] ?? '')}},
  ]
}

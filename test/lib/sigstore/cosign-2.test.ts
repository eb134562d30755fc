/** Signatures and attestations as Cosign 2 left them in the tags `.sig` and `.att`. */
import assert from 'node:assert/strict'
import {PAYLOAD_TYPE} from '../../../src/lib/evidence/statement.ts'
import type {FoundSignature, SignatureCheck, Trust} from '../../../src/lib/ports/signatures.ts'
import {verifySignature} from '../../../src/lib/sigstore/verify-signature.ts'
import {createSigner, preAuthEncoding} from '../../fakes/dsse-signer.ts'
import {IDENTITY, ISSUER, keylessEnvelope, keylessSimpleSigning, STATEMENT, type Legacy} from '../../fakes/keyless-signer.ts'
import {comingSecond, startAuthorities, type Authorities} from '../../fakes/sigstore-authorities.ts'

const DIGEST = `sha256:${'b'.repeat(64)}`
const REPOSITORY = 'registry.example.test:5000/team/app'
const SIGNATURE = 'dev.cosignproject.cosign/signature'
const CERTIFICATE = 'dev.sigstore.cosign/certificate'
const LOG_ENTRY = 'dev.sigstore.cosign/bundle'
const TIMESTAMP = 'dev.sigstore.cosign/rfc3161timestamp'
const identities = [{identity: IDENTITY, issuer: ISSUER}]
const signer = createSigner()

interface Critical {
  identity?: unknown
  image?: unknown
  type?: unknown
}

function payloadOf(change: Critical = {}): Buffer {
  const critical = {identity: {'docker-reference': REPOSITORY}, image: {'docker-manifest-digest': DIGEST}, type: 'cosign container image signature', ...change}
  return Buffer.from(JSON.stringify({critical, optional: null}))
}

function simple(payload: Uint8Array, annotations: Readonly<Record<string, string>> = {}): Legacy<'simple-signing'> {
  return {form: 'simple-signing', payload, annotations: {[SIGNATURE]: signer.sign(payload).toString('base64'), ...annotations}}
}

function envelope(payload: Uint8Array = STATEMENT, change: object = {}): Legacy<'envelope'> {
  const sig = signer.sign(preAuthEncoding(PAYLOAD_TYPE, Buffer.from(payload))).toString('base64')
  const json = {payloadType: PAYLOAD_TYPE, payload: Buffer.from(payload).toString('base64'), signatures: [{keyid: '', sig}], ...change}
  return {form: 'envelope', envelope: Buffer.from(JSON.stringify(json)), annotations: {predicateType: 'any'}}
}

const check = (found: FoundSignature, trust: Trust = {keys: [createSigner(), signer]}): SignatureCheck => verifySignature(found, trust)

function outcome(found: FoundSignature, trust?: Trust): string {
  const result = check(found, trust)
  return result.state === 'verified' ? 'verified' : result.reason
}

describe('verifySignature, of a layer of Cosign 2', () => {
  describe('in .sig, by a key', () => {
    it('verifies it, and says about which manifest and for which repository', () => {
      const payload = payloadOf()
      assert.deepEqual(check(simple(payload)), {
        state: 'verified',
        signer: {spki: signer.spki},
        content: {kind: 'simple-signing', payload, digest: DIGEST, repository: REPOSITORY},
      })
    })

    it('leaves tag and digest out of the repository, and a repository that is not named', () => {
      const repositoryOf = (reference: unknown): unknown => {
        const result = check(simple(payloadOf({identity: {'docker-reference': reference}})))
        return result.state === 'verified' && result.content.kind === 'simple-signing' ? result.content.repository : result.state
      }
      for (const suffix of ['', ':1.2', `@${DIGEST}`, `:1.2@${DIGEST}`]) assert.equal(repositoryOf(`${REPOSITORY}${suffix}`), REPOSITORY, suffix)
      assert.equal(repositoryOf(''), undefined)
      assert.equal(repositoryOf(undefined), undefined)
      assert.equal(repositoryOf(7), 'failed')
      assert.equal(repositoryOf({}), 'failed')
      assert.equal(repositoryOf('x'.repeat(513)), 'failed')
    })

    it('refuses a signed payload that is not Cosign’s about an image', () => {
      const payloads: Record<string, Buffer> = {
        'another type': payloadOf({type: 'atomic container signature'}),
        'no type': payloadOf({type: undefined}),
        'no digest': payloadOf({image: {}}),
        'a digest of another kind': payloadOf({image: {'docker-manifest-digest': `sha512:${'b'.repeat(128)}`}}),
        'a digest in upper case': payloadOf({image: {'docker-manifest-digest': DIGEST.toUpperCase()}}),
        'a list for a digest': payloadOf({image: {'docker-manifest-digest': [DIGEST]}}),
        'no JSON': Buffer.from('no JSON'),
        'no UTF-8': Buffer.from([0x22, 0xff, 0x22]),
        null: Buffer.from('null'),
        'a statement': Buffer.from(STATEMENT),
        'too much': Buffer.concat([payloadOf(), Buffer.alloc(70_000, ' ')]),
      }
      for (const [what, payload] of Object.entries(payloads)) assert.equal(outcome(simple(payload)), 'attestation.invalid', what)
    })

    it('refuses other keys and other bytes, without a way to tell which it was', () => {
      const found = simple(payloadOf())
      assert.equal(outcome(found, {keys: [createSigner()]}), 'signature.wrong-key')
      assert.equal(outcome(found, {keys: []}), 'signature.wrong-key')
      assert.equal(outcome({...found, payload: payloadOf({image: {'docker-manifest-digest': `sha256:${'c'.repeat(64)}`}})}), 'signature.wrong-key')
    })

    it('cannot read one without a signature', () => {
      for (const text of ['', '=', 'no base64!', '====']) assert.equal(outcome(simple(payloadOf(), {[SIGNATURE]: text})), 'attestation.unreadable', text)
      assert.equal(outcome({form: 'simple-signing', payload: payloadOf(), annotations: {}}), 'attestation.unreadable')
    })

    it('never counts the entry of a log, nor one that cannot be read', () => {
      for (const text of ['{}', 'no JSON', '{"Payload":{"body":7}}', ''])
        assert.equal(outcome(simple(payloadOf(), {[LOG_ENTRY]: text, [TIMESTAMP]: text})), 'verified', text)
    })
  })

  describe('in .att, by a key', () => {
    it('verifies it, and gives the statement', () => {
      const result = check(envelope())
      assert.equal(result.state, 'verified')
      if (result.state === 'verified')
        assert.deepEqual(result.content, {
          kind: 'statement',
          statement: JSON.parse(Buffer.from(STATEMENT).toString()) as unknown,
          payload: Buffer.from(STATEMENT),
        })
    })

    it('refuses what is changed in it', () => {
      const refused: [string, FoundSignature, string][] = [
        ['another payload', envelope(STATEMENT, {payload: Buffer.from('{}').toString('base64')}), 'signature.wrong-key'],
        ['another type', envelope(STATEMENT, {payloadType: 'application/json'}), 'signature.invalid'],
        ['no signature', envelope(STATEMENT, {signatures: []}), 'signature.invalid'],
        ['two signatures', envelope(STATEMENT, {signatures: [{sig: 'AAAA'}, {sig: 'AAAA'}]}), 'signature.invalid'],
        ['an empty signature', envelope(STATEMENT, {signatures: [{sig: ''}]}), 'attestation.unreadable'],
        ['an empty payload', envelope(STATEMENT, {payload: ''}), 'attestation.unreadable'],
        ['no list', envelope(STATEMENT, {signatures: {}}), 'attestation.unreadable'],
        ['no envelope', {...envelope(), envelope: Buffer.from('[]')}, 'attestation.unreadable'],
        ['no JSON', {...envelope(), envelope: Buffer.from('{')}, 'attestation.unreadable'],
        ['no statement', envelope(Buffer.from('no JSON')), 'attestation.invalid'],
      ]
      for (const [what, found, reason] of refused) assert.equal(outcome(found), reason, what)
    })
  })

  describe('with a timestamp, by a key', () => {
    let now: Date
    let authorities: Authorities
    before(async () => {
      now = comingSecond()
      authorities = await startAuthorities(now)
    })

    const signedAt = (found: FoundSignature): string | undefined => {
      const result = check(found, {keys: [signer], timestampAuthorities: [{chain: authorities.timestampChain}]})
      return result.state === 'verified' ? result.signedAt : result.message
    }
    const stamp = async (bytes: Uint8Array) => ({[TIMESTAMP]: JSON.stringify({SignedRFC3161Timestamp: (await authorities.stamp(bytes)).toString('base64')})})

    it('takes the time of a timestamp about the signature in .sig, about that or all of the envelope in .att', async () => {
      const payload = payloadOf()
      const found = simple(payload)
      const signature = Buffer.from(found.annotations[SIGNATURE] ?? '', 'base64')
      assert.equal(signedAt({...found, annotations: {...found.annotations, ...(await stamp(signature))}}), now.toISOString())
      assert.equal(signedAt({...found, annotations: {...found.annotations, ...(await stamp(payload))}}), undefined)
      const att = envelope()
      assert.equal(signedAt({...att, annotations: await stamp(att.envelope)}), now.toISOString())
      const json = JSON.parse(Buffer.from(att.envelope).toString()) as {signatures: {sig: string}[]}
      assert.equal(signedAt({...att, annotations: await stamp(Buffer.from(json.signatures[0]?.sig ?? '', 'base64'))}), now.toISOString())
      assert.equal(signedAt({...att, annotations: await stamp(Buffer.from(STATEMENT))}), undefined)
      const other = {...att, envelope: Buffer.from(`${Buffer.from(att.envelope).toString()} `)}
      assert.equal(signedAt({...other, annotations: await stamp(att.envelope)}), undefined)
    })
  })

  describe('keyless', () => {
    let now: Date
    let authorities: Authorities
    let other: Authorities
    let trust: Trust
    before(async () => {
      now = comingSecond()
      authorities = await startAuthorities(now)
      other = await startAuthorities(now)
      trust = {keys: [], identities, trustedRoot: authorities.trustedRoot}
    })

    it('verifies both forms, and says who signed and when', async () => {
      const payload = payloadOf()
      const who = {signer: {identity: IDENTITY, issuer: ISSUER}, signedAt: now.toISOString()}
      for (const options of [{}, {stampedBy: false as const}]) {
        assert.deepEqual(check(await keylessSimpleSigning(authorities, payload, options), trust), {
          state: 'verified',
          ...who,
          content: {kind: 'simple-signing', payload, digest: DIGEST, repository: REPOSITORY},
        })
        const att = check(await keylessEnvelope(authorities, STATEMENT, options), trust)
        assert.deepEqual(att.state === 'verified' && {signer: att.signer, signedAt: att.signedAt}, who)
      }
    })

    for (const [form, make] of Object.entries({
      '.sig': (options: object) => keylessSimpleSigning(authorities, payloadOf(), options),
      '.att': (options: object) => keylessEnvelope(authorities, STATEMENT, options),
    })) {
      it(`refuses in ${form} whoever is not trusted, and whatever is not proved`, async () => {
        const refused: [string, object, string][] = [
          ['another identity', {identity: `${IDENTITY}x`}, 'signature.wrong-identity'],
          ['another issuer', {issuer: `${ISSUER}x`}, 'signature.wrong-identity'],
          ['another authority', {certifiedBy: other}, 'signature.invalid'],
          ['another log', {loggedBy: other}, 'signature.invalid'],
          ['no entry', {loggedBy: false}, 'signature.invalid'],
        ]
        for (const [what, options, reason] of refused) assert.equal(outcome(await make(options), trust), reason, what)
      })

      it(`refuses in ${form} an exchanged, damaged or missing annotation`, async () => {
        const [found, second] = [await make({}), await make({})]
        const annotated = (change: Readonly<Record<string, string>>): FoundSignature => ({...found, annotations: {...found.annotations, ...change}})
        assert.equal(outcome(annotated({[CERTIFICATE]: second.annotations[CERTIFICATE] ?? ''}), trust), 'signature.invalid')
        assert.equal(outcome(annotated({[LOG_ENTRY]: second.annotations[LOG_ENTRY] ?? ''}), trust), 'signature.invalid')
        assert.equal(outcome(annotated({[LOG_ENTRY]: '{}'}), trust), 'signature.invalid')
        assert.equal(outcome(annotated({[CERTIFICATE]: ''}), trust), 'signature.wrong-key')
        assert.equal(outcome(annotated({[CERTIFICATE]: 'no PEM'}), trust), 'attestation.unreadable')
        assert.equal(
          outcome(annotated({[CERTIFICATE]: `${second.annotations[CERTIFICATE] ?? ''}${found.annotations[CERTIFICATE] ?? ''}`}), trust),
          'attestation.unreadable',
        )
      })
    }
  })
})

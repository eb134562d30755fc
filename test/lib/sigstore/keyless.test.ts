/** Bundles with a certificate instead of a key, against identities and a trusted root. */
import assert from 'node:assert/strict'
import {createHash, generateKeyPairSync} from 'node:crypto'
import type {SignatureCheck, Trust} from '../../../src/lib/ports/signatures.ts'
import {verifySignature} from '../../../src/lib/sigstore/verify-signature.ts'
import {createSigner} from '../../fakes/dsse-signer.ts'
import {IDENTITY, ISSUER, keylessBundle, keylessMessageBundle, STATEMENT, type KeylessBundle, type KeylessOptions} from '../../fakes/keyless-signer.ts'
import {comingSecond, startAuthorities, type Authorities, type TrustedRootJson} from '../../fakes/sigstore-authorities.ts'

const MINUTE = 60_000
const identities = [{identity: IDENTITY, issuer: ISSUER}]

describe('verifySignature, of a keyless bundle', () => {
  let now: Date
  let inTwoMinutes: Date
  let authorities: Authorities
  /** The same, two minutes and twenty minutes later; and one before. */
  let soon: Authorities
  let late: Authorities
  let other: Authorities

  before(async () => {
    now = new Date(comingSecond().getTime() + MINUTE)
    inTwoMinutes = new Date(now.getTime() + 2 * MINUTE)
    authorities = await startAuthorities(now)
    soon = await startAuthorities(inTwoMinutes)
    late = await startAuthorities(new Date(now.getTime() + 20 * MINUTE))
    other = await startAuthorities(now)
  })

  function check(bundle: KeylessBundle, trust: Partial<Trust> = {}, artifact?: Uint8Array | string): SignatureCheck {
    return verifySignature(
      {form: 'bundle', bytes: Buffer.from(JSON.stringify(bundle))},
      {keys: [], identities, trustedRoot: authorities.trustedRoot, ...trust},
      artifact,
    )
  }

  function outcome(...parameters: Parameters<typeof check>): string {
    const result = check(...parameters)
    return result.state === 'verified' ? 'verified' : `${result.reason}: ${result.message}`
  }

  const bundle = (options?: KeylessOptions): Promise<KeylessBundle> => keylessBundle(authorities, STATEMENT, options)
  const root = (change: Partial<TrustedRootJson>): TrustedRootJson => ({...authorities.trustedRoot, ...change})

  it('verifies it, and says who signed and when', async () => {
    assert.deepEqual(check(await bundle()), {
      state: 'verified',
      signer: {identity: IDENTITY, issuer: ISSUER},
      signedAt: now.toISOString(),
      content: {kind: 'statement', statement: JSON.parse(Buffer.from(STATEMENT).toString()) as unknown, payload: Buffer.from(STATEMENT)},
    })
  })

  it('verifies a message, by its bytes and by their digest', async () => {
    const message = Buffer.from('synthetic release notes')
    const signed = await keylessMessageBundle(authorities, message)
    const digest = `sha256:${createHash('sha256').update(message).digest('hex')}`
    for (const artifact of [message, digest]) assert.equal(outcome(signed, {}, artifact), 'verified', String(artifact))
    assert.match(outcome(signed, {}, Buffer.from('other')), /^signature\.wrong-subject/)
  })

  it('takes either of timestamp and promise as the time, and of both the earlier', async () => {
    const trustedRoot = root({
      tlogs: [...authorities.trustedRoot.tlogs, ...soon.trustedRoot.tlogs],
      timestampAuthorities: [...authorities.trustedRoot.timestampAuthorities, ...soon.trustedRoot.timestampAuthorities],
    })
    const signedAt = async (options: KeylessOptions) => {
      const result = check(await bundle(options), {trustedRoot})
      return result.state === 'verified' ? result.signedAt : result.message
    }
    assert.equal(await signedAt({stampedBy: false}), now.toISOString())
    assert.equal(await signedAt({loggedBy: soon}), now.toISOString())
    assert.equal(await signedAt({stampedBy: soon}), now.toISOString())
    assert.equal(await signedAt({loggedBy: soon, stampedBy: false}), inTwoMinutes.toISOString())
  })

  describe('takes both identity and issuer letter by letter', () => {
    const others: [string, Trust['identities']][] = [
      ['another identity', [{identity: `${IDENTITY}x`, issuer: ISSUER}]],
      ['a beginning of it', [{identity: IDENTITY.slice(0, -1), issuer: ISSUER}]],
      ['a pattern', [{identity: '.*', issuer: '.*'}]],
      ['another case', [{identity: IDENTITY.toUpperCase(), issuer: ISSUER}]],
      ['another issuer', [{identity: IDENTITY, issuer: `${ISSUER}/`}]],
      [
        'each with another',
        [
          {identity: 'ops@example.test', issuer: ISSUER},
          {identity: IDENTITY, issuer: 'https://issuer.example.test'},
        ],
      ],
      ['the two exchanged', [{identity: ISSUER, issuer: IDENTITY}]],
      ['none at all', [{identity: '', issuer: ''}]],
    ]
    for (const [what, wanted] of others) {
      it(`so ${what} is signature.wrong-identity`, async () => {
        assert.match(outcome(await bundle(), {...(wanted !== undefined && {identities: wanted})}), /^signature\.wrong-identity: signed by https:/)
      })
    }

    it('so nobody is who has no plain name', async () => {
      for (const identity of ['', 'synthetic name', `${IDENTITY}\n`]) {
        const signed = await bundle({identity})
        assert.match(
          outcome(signed, {identities: [{identity, issuer: ISSUER}]}),
          /^signature\.wrong-identity: the certificate does not name one/,
          JSON.stringify(identity),
        )
      }
    })
  })

  it('says what is missing where identities cannot be held against anything', async () => {
    const signed = await bundle()
    const bare = (trust: Omit<Trust, 'keys'>) => {
      const result = verifySignature({form: 'bundle', bytes: Buffer.from(JSON.stringify(signed))}, {keys: [createSigner()], ...trust})
      return result.state === 'verified' ? 'verified' : `${result.reason}: ${result.message}`
    }
    assert.match(bare({identities}), /^signature\.wrong-identity: .*`trusted-root`/)
    for (const trustedRoot of [null, 7, 'text', [], {tlogs: [{}]}, {certificateAuthorities: [{validFor: {start: '2020-01-01T00:00:00Z'}}]}])
      assert.match(bare({identities, trustedRoot}), /^signature\.(wrong-identity: .*`trusted-root`|invalid)/, JSON.stringify(trustedRoot))
    assert.match(bare({trustedRoot: authorities.trustedRoot}), /^signature\.wrong-key/)
    assert.match(bare({identities: [], trustedRoot: authorities.trustedRoot}), /^signature\.wrong-key/)
  })

  describe('refuses, as signature.invalid,', () => {
    const invalid = async (signed: KeylessBundle, trust?: Partial<Trust>) => assert.match(outcome(signed, trust), /^signature\.invalid/)

    it('another authority’s certificate', async () => invalid(await bundle({certifiedBy: other})))
    it('another log’s entry', async () => invalid(await bundle({loggedBy: other})))
    it('no entry, although there is a timestamp', async () => invalid(await bundle({loggedBy: false})))
    it('a certificate that had expired when it was logged', async () => {
      await invalid(await bundle({loggedBy: late, stampedBy: false}), {trustedRoot: root({tlogs: late.trustedRoot.tlogs})})
    })
    it('a certificate that had expired when it was stamped, although the log says otherwise', async () => {
      await invalid(await bundle({stampedBy: late}), {trustedRoot: root({timestampAuthorities: late.trustedRoot.timestampAuthorities})})
    })
    it('a certificate that no log of certificates knows', async () => {
      await invalid(await bundle(), {trustedRoot: root({ctlogs: other.trustedRoot.ctlogs})})
    })
    it('a certificate for another key', async () => {
      const {publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
      const brought = await authorities.certify(publicKey.export({type: 'spki', format: 'der'}), {identity: IDENTITY, issuer: ISSUER})
      await invalid(await bundle({brought}))
      await invalid(await bundle({brought, recorded: brought}))
    })
    it('a certificate that the log does not name', async () => {
      const {publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
      const recorded = await authorities.certify(publicKey.export({type: 'spki', format: 'der'}), {identity: IDENTITY, issuer: ISSUER})
      assert.match(outcome(await bundle({recorded})), /^signature\.invalid: the log names another certificate/)
    })
    it('the certificate of an authority', async () => {
      const [authority] = authorities.trustedRoot.certificateAuthorities as {certChain: {certificates: {rawBytes: string}[]}}[]
      await invalid(await bundle({brought: Buffer.from(authority?.certChain.certificates[0]?.rawBytes ?? '', 'base64')}))
    })
    it('an entry about another signature', async () => {
      const [signed, moved] = [await bundle(), await bundle()]
      signed.verificationMaterial.tlogEntries = moved.verificationMaterial.tlogEntries ?? []
      await invalid(signed)
    })
    it('a changed payload', async () => {
      const signed = await bundle()
      if (signed.dsseEnvelope !== undefined) signed.dsseEnvelope.payload = Buffer.from('{}').toString('base64')
      await invalid(signed)
    })
    it('a timestamp that is another authority’s, or none', async () => {
      await invalid(await bundle({stampedBy: other}))
      const signed = await bundle()
      signed.verificationMaterial.timestampVerificationData = {rfc3161Timestamps: [{signedTimestamp: 'AAAA'}]}
      assert.match(outcome(signed), /^signature\.invalid: a timestamp cannot be read/)
      assert.equal(outcome(signed, {trustedRoot: root({timestampAuthorities: []})}), 'verified', 'nobody is there to vouch for it')
    })
    it('the same entry twice, and a good one beside a bad one', async () => {
      const signed = await bundle()
      const [entry] = signed.verificationMaterial.tlogEntries ?? []
      if (entry === undefined) throw new Error('no entry')
      signed.verificationMaterial.tlogEntries = [entry, entry]
      await invalid(signed)
      signed.verificationMaterial.tlogEntries = [entry, {...entry, logIndex: String(Number(entry.logIndex) + 1)}]
      await invalid(signed)
    })
  })

  describe('under a root without a log', () => {
    it('needs a timestamp, and minds no entry', async () => {
      const trustedRoot = root({tlogs: []})
      assert.equal(outcome(await bundle({loggedBy: false}), {trustedRoot}), 'verified')
      assert.equal(outcome(await bundle(), {trustedRoot}), 'verified')
      assert.match(outcome(await bundle({stampedBy: false}), {trustedRoot}), /^signature\.invalid: .*timestamps/)
      assert.match(outcome(await bundle({stampedBy: other}), {trustedRoot}), /^signature\.invalid: .*timestamp could not be verified/)
    })

    it('takes the timestamp of an authority that is pinned beside it', async () => {
      const trustedRoot = root({tlogs: [], timestampAuthorities: []})
      assert.match(outcome(await bundle(), {trustedRoot}), /^signature\.invalid: .*timestamps/)
      assert.equal(outcome(await bundle(), {trustedRoot, timestampAuthorities: [{chain: authorities.timestampChain}]}), 'verified')
      assert.match(
        outcome(await bundle(), {trustedRoot, timestampAuthorities: [{chain: authorities.timestampChain, until: '2020-01-01'}]}),
        /^signature\.invalid/,
      )
    })

    it('refuses everything where it has no authority either', async () => {
      assert.match(outcome(await bundle(), {trustedRoot: root({certificateAuthorities: []})}), /^signature\.invalid/)
      assert.match(outcome(await bundle(), {trustedRoot: {mediaType: authorities.trustedRoot.mediaType}}), /^signature\.invalid/)
    })

    it('trusts no authority or log of which it does not say since when', async () => {
      for (const list of ['tlogs', 'ctlogs', 'certificateAuthorities'] as const) {
        const undated = structuredClone(authorities.trustedRoot)
        for (const each of undated[list] as {validFor?: object; publicKey?: {validFor?: object}}[]) {
          delete each.validFor
          delete each.publicKey?.validFor
        }
        for (const stampedBy of [authorities, false] as const)
          assert.match(
            outcome(await bundle({stampedBy}), {trustedRoot: undated}),
            /^signature\.invalid/,
            `${list}, ${stampedBy === false ? 'not stamped' : 'stamped'}`,
          )
      }
    })
  })

  it('needs no identity for what a trusted key signed, and no key for what an identity signed', async () => {
    const signer = createSigner()
    const trust = {keys: [signer], identities, trustedRoot: authorities.trustedRoot}
    const byKey = verifySignature({form: 'bundle', bytes: signer.bundle(STATEMENT)}, trust)
    const byIdentity = verifySignature({form: 'bundle', bytes: Buffer.from(JSON.stringify(await bundle()))}, trust)
    assert.deepEqual([byKey.state, byIdentity.state], ['verified', 'verified'])
  })
})

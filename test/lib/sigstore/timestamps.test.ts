/** Trusted time: what an RFC 3161 authority says about a signature by a pinned key. */
import assert from 'node:assert/strict'
import type {TimestampAuthority} from '../../../src/lib/ports/signatures.ts'
import {verifySignature} from '../../../src/lib/sigstore/verify-signature.ts'
import {createSigner} from '../../fakes/dsse-signer.ts'
import {startAuthorities, type Authorities} from '../../fakes/sigstore-authorities.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** To the second, as timestamps are; ahead, because an authority's certificates hold from its start. */
const NOON = new Date(`${new Date(Date.now() + DAY).toISOString().slice(0, 10)}T12:00:00.000Z`)
const day = (time: number): string => new Date(time).toISOString().slice(0, 10)

const signer = createSigner()
const bundle = (name: string): Buffer =>
  Buffer.from(signer.bundle({digests: [`sha256:${'a'.repeat(64)}`], predicateType: `https://example.test/${name}`, predicate: {}}))

interface BundleJson {
  verificationMaterial: {timestampVerificationData?: unknown; tlogEntries?: unknown[]}
  dsseEnvelope: {signatures: {sig: string}[]}
}

function signatureOf(bytes: Uint8Array): Buffer {
  const {dsseEnvelope} = JSON.parse(Buffer.from(bytes).toString()) as BundleJson
  return Buffer.from(dsseEnvelope.signatures[0]?.sig ?? '', 'base64')
}

function withTimestamps(bytes: Uint8Array, timestamps: readonly Uint8Array[]): Uint8Array {
  const json = JSON.parse(Buffer.from(bytes).toString()) as BundleJson
  json.verificationMaterial.timestampVerificationData = {
    rfc3161Timestamps: timestamps.map((der) => ({signedTimestamp: Buffer.from(der).toString('base64')})),
  }
  return Buffer.from(JSON.stringify(json))
}

/** The trusted time of a bundle that verifies; 'none' where there is none. */
function signedAt(bytes: Uint8Array, timestampAuthorities?: readonly TimestampAuthority[]): string {
  const check = verifySignature({form: 'bundle', bytes}, {keys: [signer], ...(timestampAuthorities !== undefined && {timestampAuthorities})})
  return check.state === 'verified' ? (check.signedAt ?? 'none') : check.reason
}

describe('verifySignature, of a timestamped bundle', () => {
  const signed = bundle('stamped')
  let noon: Authorities
  let later: Authorities
  let stamped: Uint8Array
  const pin = ({timestampChain: chain}: Authorities, days: {from?: string; until?: string} = {}): TimestampAuthority => ({chain, ...days})

  before(async () => {
    noon = await startAuthorities(NOON)
    later = await startAuthorities(new Date(NOON.getTime() + HOUR))
    stamped = withTimestamps(signed, [await noon.stamp(signatureOf(signed))])
  })

  it('gives the time of the authority that is pinned', () => {
    assert.equal(signedAt(stamped, [pin(noon)]), NOON.toISOString())
    assert.equal(signedAt(stamped, [pin(later), pin(noon)]), NOON.toISOString())
  })

  it('gives no time where no authority is pinned, or another', () => {
    assert.equal(signedAt(stamped), 'none')
    assert.equal(signedAt(stamped, []), 'none')
    assert.equal(signedAt(stamped, [pin(later)]), 'none')
  })

  it('gives no time for a timestamp of another signature, and of what is signed', async () => {
    const other = bundle('other')
    assert.equal(signedAt(withTimestamps(signed, [await noon.stamp(signatureOf(other))]), [pin(noon)]), 'none')
    assert.equal(signedAt(withTimestamps(signed, [await noon.stamp(signed)]), [pin(noon)]), 'none')
  })

  it('gives no time outside the days of the pin, whose first and last count', () => {
    const at = NOON.getTime()
    assert.equal(signedAt(stamped, [pin(noon, {from: day(at), until: day(at)})]), NOON.toISOString())
    assert.equal(signedAt(stamped, [pin(noon, {from: day(at + DAY)})]), 'none')
    assert.equal(signedAt(stamped, [pin(noon, {until: day(at - DAY)})]), 'none')
  })

  it('gives no time outside the validity of the chain', async () => {
    for (const years of [-1, 2]) {
      const off = await startAuthorities(new Date(NOON.getTime() + years * 365 * DAY))
      assert.equal(signedAt(withTimestamps(signed, [await off.stamp(signatureOf(signed))]), [pin(off)]), 'none', `${years} years`)
    }
  })

  it('takes the earliest of several, in any order, and past those that do not verify', async () => {
    const signature = signatureOf(signed)
    const [early, late] = [await noon.stamp(signature), await later.stamp(signature)]
    const pins = [pin(noon), pin(later)]
    assert.equal(signedAt(withTimestamps(signed, [late, early]), pins), NOON.toISOString())
    assert.equal(signedAt(withTimestamps(signed, [early, late, early]), pins), NOON.toISOString())
    assert.equal(signedAt(withTimestamps(signed, [Buffer.from('no DER'), await noon.stamp(signed), late]), pins), new Date(NOON.getTime() + HOUR).toISOString())
  })

  it('gives no time for any timestamp with one bit turned', async () => {
    const der = await noon.stamp(signatureOf(signed))
    const survivors: number[] = []
    for (let at = 0; at < der.byteLength; at++) {
      const turned = Buffer.from(der)
      turned[at] = (turned[at] ?? 0) ^ 1
      const time = signedAt(withTimestamps(signed, [turned]), [pin(noon)])
      if (time !== 'none') {
        assert.equal(time, NOON.toISOString(), `byte ${at}`)
        survivors.push(at)
      }
    }
    // Fields that no signature covers: status and versions of the wrapping, names of algorithms beside the signed ones.
    assert.ok(survivors.length < der.byteLength / 10, `${survivors.length} of ${der.byteLength}`)
  })

  it('gives no time, and no error, for what is no timestamp or no chain', () => {
    for (const der of ['', '30', '3003020100', '300302010030'.padEnd(400, '30')])
      assert.equal(signedAt(withTimestamps(signed, [Buffer.from(der, 'hex')]), [pin(noon)]), 'none', der)
    const chains = ['', 'no PEM', noon.timestampChain.slice(0, -200), `-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----`]
    for (const chain of chains) assert.equal(signedAt(stamped, [{chain}]), 'none', chain.slice(0, 40))
    const [signing = ''] = noon.timestampChain.split(/(?<=-----END CERTIFICATE-----\n)/)
    assert.equal(signedAt(stamped, [{chain: signing}]), 'none', 'no root')
    assert.equal(signedAt(stamped, [{chain: ''}, pin(noon)]), NOON.toISOString(), 'one chain unreadable')
  })

  it('takes no time out of a log, which nobody asked about a key', async () => {
    const json = JSON.parse(signed.toString()) as BundleJson
    json.verificationMaterial.tlogEntries = [await noon.log({kind: 'dsse', apiVersion: '0.0.1', spec: {}})]
    assert.equal(signedAt(Buffer.from(JSON.stringify(json)), [pin(noon)]), 'none')
  })

  it('refuses more timestamps than anybody needs', async () => {
    const der = await noon.stamp(signatureOf(signed))
    assert.equal(
      signedAt(
        withTimestamps(
          signed,
          Array.from({length: 17}, () => der),
        ),
        [pin(noon)],
      ),
      'attestation.unreadable',
    )
  })
})

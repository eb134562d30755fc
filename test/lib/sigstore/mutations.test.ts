/** Good signatures of every form, changed ten thousand times by chance: none may come to mean something else. */
import assert from 'node:assert/strict'
import {isDeepStrictEqual} from 'node:util'
import fc from 'fast-check'
import {PAYLOAD_TYPE, statementBytes} from '../../../src/lib/evidence/statement.ts'
import type {FoundSignature, SignatureCheck, Trust} from '../../../src/lib/ports/signatures.ts'
import {verifySignature} from '../../../src/lib/sigstore/verify-signature.ts'
import {createSigner, preAuthEncoding} from '../../fakes/dsse-signer.ts'
import {IDENTITY, ISSUER, keylessBundle, keylessEnvelope, keylessMessageBundle, keylessSimpleSigning} from '../../fakes/keyless-signer.ts'
import {mutate, type Mutation} from '../../fakes/mutation.ts'
import {comingSecond, startAuthorities, type Authorities} from '../../fakes/sigstore-authorities.ts'

const RUNS = 10_000
/** A failure repeats under the same number; fast-check prints the path to it. */
const SEED = Date.now() % 0x7fff_ffff
const MESSAGE = Buffer.from('synthetic release notes')
const DIGEST = `sha256:${'b'.repeat(64)}`

const signer = createSigner()
const statement = (name: string): Uint8Array => statementBytes({digests: [DIGEST], predicateType: `https://example.test/${name}`, predicate: {name}})
const simple = (name: string): Buffer =>
  Buffer.from(
    JSON.stringify({
      critical: {
        identity: {'docker-reference': `registry.example.test/${name}`},
        image: {'docker-manifest-digest': DIGEST},
        type: 'cosign container image signature',
      },
      optional: {creator: 'synthetic'},
    }),
  )

/** Two good signatures of a form, and all that they verify as. */
interface Pair {
  readonly form: string
  readonly found: readonly [FoundSignature, FoundSignature]
  readonly artifact?: Uint8Array
  readonly good: readonly SignatureCheck[]
}

describe('verifySignature, of what was changed by chance', () => {
  let now: Date
  let trust: Trust
  let pairs: readonly Pair[]

  before(async () => {
    now = comingSecond()
    const authorities = await startAuthorities(now)
    trust = {
      keys: [createSigner(), signer],
      identities: [{identity: IDENTITY, issuer: ISSUER}],
      trustedRoot: authorities.trustedRoot,
      timestampAuthorities: [{chain: authorities.timestampChain}],
    }
    pairs = await Promise.all(Object.entries(FORMS).map(([form, make]) => pairOf(form, make, authorities)))
  })

  async function pairOf(form: string, make: Make, authorities: Authorities): Promise<Pair> {
    const found = [await make('first', authorities), await make('second', authorities)] as const
    const artifact = form.includes('message') ? MESSAGE : undefined
    return {form, found, ...(artifact !== undefined && {artifact}), good: found.map((one) => verifySignature(one, trust, artifact))}
  }

  it('has good ones to begin with', () => {
    for (const {form, good} of pairs) {
      assert.deepEqual(
        good.map(({state}) => state),
        ['verified', 'verified'],
        form,
      )
      const times = form.endsWith('stamped') || form.includes('keyless') ? [now.toISOString(), now.toISOString()] : [undefined, undefined]
      assert.deepEqual(
        good.map((one) => one.state === 'verified' && one.signedAt),
        times,
        form,
      )
    }
  })

  it(`verifies none of ${RUNS} that means something else (seed ${SEED})`, function () {
    this.timeout(300_000)
    const number = fc.nat(0x7fff_ffff)
    const refused = new Map<string, number>()
    // What certificates and logs prove takes the library a hundred times longer than a key.
    const weighted = pairs.flatMap((pair) => (pair.form.startsWith('keyless') ? [pair] : [pair, pair, pair]))
    fc.assert(
      fc.property(number, fc.record({part: number, how: number, where: number, value: number}), (chosen, mutation: Mutation) => {
        const pair = weighted[chosen % weighted.length]
        if (pair === undefined) throw new Error('no form')
        const [found, other] = pair.found
        const changed = mutate(found, other, mutation)
        fc.pre(!isDeepStrictEqual(changed, found))
        const result = verifySignature(changed, trust, pair.artifact)
        if (result.state === 'verified')
          assert.ok(
            pair.good.some((good) => meansTheSame(result, good)),
            `${pair.form}: ${JSON.stringify(result)}`,
          )
        else refused.set(pair.form, (refused.get(pair.form) ?? 0) + 1)
      }),
      {numRuns: RUNS, seed: SEED},
    )
    // Most changes have to be seen, or this test would look the other way.
    for (const {form} of pairs) assert.ok((refused.get(form) ?? 0) > RUNS / pairs.length / 8, `${form}: ${refused.get(form) ?? 0} refused`)
  })
})

/** A timestamp can be lost, never made: without one, a key’s signature claims no time. */
function meansTheSame(result: SignatureCheck & {state: 'verified'}, good: SignatureCheck): boolean {
  if (isDeepStrictEqual(result, good)) return true
  const {signedAt, ...rest} = good.state === 'verified' ? good : {...good, signedAt: undefined}
  return signedAt !== undefined && 'spki' in result.signer && isDeepStrictEqual(result, rest)
}

type Make = (name: string, authorities: Authorities) => Promise<FoundSignature>

const bundled = (json: object): FoundSignature => ({form: 'bundle', bytes: Buffer.from(JSON.stringify(json))})

const FORMS: Readonly<Record<string, Make>> = {
  'key bundle': async (name) => ({form: 'bundle', bytes: signer.bundle(statement(name))}),
  'key message': async () => ({form: 'bundle', bytes: signer.messageBundle(MESSAGE)}),
  'key bundle, stamped': async (name, {stamp}) => {
    const json = JSON.parse(Buffer.from(signer.bundle(statement(name))).toString()) as {
      verificationMaterial: object
      dsseEnvelope: {signatures: {sig: string}[]}
    }
    const signedTimestamp = (await stamp(Buffer.from(json.dsseEnvelope.signatures[0]?.sig ?? '', 'base64'))).toString('base64')
    return bundled({...json, verificationMaterial: {...json.verificationMaterial, timestampVerificationData: {rfc3161Timestamps: [{signedTimestamp}]}}})
  },
  'key simple signing': async (name) => {
    const payload = simple(name)
    return {form: 'simple-signing', payload, annotations: {'dev.cosignproject.cosign/signature': signer.sign(payload).toString('base64')}}
  },
  'key envelope': async (name) => {
    const payload = Buffer.from(statement(name))
    const sig = signer.sign(preAuthEncoding(PAYLOAD_TYPE, payload)).toString('base64')
    const envelope = Buffer.from(JSON.stringify({payloadType: PAYLOAD_TYPE, payload: payload.toString('base64'), signatures: [{keyid: '', sig}]}))
    return {form: 'envelope', envelope, annotations: {}}
  },
  'keyless bundle': async (name, authorities) => bundled(await keylessBundle(authorities, statement(name))),
  'keyless message': async (_, authorities) => bundled(await keylessMessageBundle(authorities, MESSAGE)),
  'keyless simple signing': async (name, authorities) => keylessSimpleSigning(authorities, simple(name)),
  'keyless envelope': async (name, authorities) => keylessEnvelope(authorities, statement(name)),
}

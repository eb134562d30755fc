/** Lies about when something was signed, and under whose name. The authorities are of now: so is the clock of these rows. */
import {createHash} from 'node:crypto'
import {statementBytes, type StatementInput} from '../../src/lib/evidence/statement.ts'
import {IDENTITY, ISSUER, keylessBundle, type KeylessOptions} from '../fakes/keyless-signer.ts'
import {startAuthorities, type Authorities} from '../fakes/sigstore-authorities.ts'
import {signatureOf} from '../fakes/statements.ts'
import type {Ask, Row} from './row.ts'
import type {Scene} from './scene.ts'

const DAY = 86_400_000
const today = new Date()
const dayAfter = (days: number) => new Date(today.getTime() + days * DAY).toISOString().slice(0, 10)

export const TIME_ROWS: readonly Row[] = [
  {
    situation: 'the key is retired, and a timestamp shows that the signature is older',
    expected: {exit: 0},
    cosign: 0,
    lay: stamped({status: 'retired', until: dayAfter(1)}),
  },
  {
    situation: 'the key is retired, and the timestamp is of an authority that nobody pins',
    expected: {exit: 1, reason: 'signature.no-trusted-time', check: 'signature'},
    cosign: 0,
    lay: stamped({status: 'retired', until: dayAfter(1)}, {stampedBy: 'a stranger'}),
  },
  {
    situation: 'the key is retired, and the timestamp is about another signature',
    expected: {exit: 1, reason: 'signature.no-trusted-time', check: 'signature'},
    cosign: 0,
    lay: stamped({status: 'retired', until: dayAfter(1)}, {about: Buffer.from('another signature')}),
  },
  {
    situation: 'the key is retired, and a timestamp shows that the signature is younger',
    expected: {exit: 1, reason: 'signature.key-retired', check: 'signature'},
    cosign: 0,
    lay: stamped({status: 'retired', until: dayAfter(-1)}),
  },
  {
    situation: 'the key is compromised, and a timestamp shows that the signature is older',
    expected: {exit: 1, reason: 'signature.key-compromised', check: 'signature'},
    cosign: 0,
    lay: stamped({status: 'compromised', until: dayAfter(1)}),
  },
  {situation: 'signed under the identity that the policy names', cosign: 0, expected: {exit: 0}, lay: named()},
  {
    situation: 'signed under another identity of the same issuer',
    cosign: 1,
    expected: {exit: 1, reason: 'signature.wrong-identity', check: 'signature'},
    lay: named({identity: IDENTITY.replace('refs/heads/main', 'refs/heads/mine')}),
  },
  {
    situation: 'signed under the same name at another issuer',
    cosign: 1,
    expected: {exit: 1, reason: 'signature.wrong-identity', check: 'signature'},
    lay: named({issuer: 'https://issuer.example'}),
  },
  {
    situation: 'signed under the right name, by an authority that nobody trusts',
    cosign: 1,
    expected: {exit: 1, reason: 'signature.invalid', check: 'signature'},
    lay: named({certifiedBy: 'a stranger'}),
  },
  {
    situation: 'signed under the right name, and neither logged nor stamped: nobody knows when',
    cosign: 1,
    expected: {exit: 1, reason: 'signature.invalid', check: 'signature'},
    lay: named({loggedBy: false, stampedBy: false}),
  },
  {
    situation: 'the policy trusts an identity, and names no root that vouches for it',
    cosign: 0,
    expected: {exit: 2, reason: 'policy.invalid'},
    async lay(scene) {
      return {...(await named()(scene)), config: {}}
    },
  },
]

interface Stamp {
  readonly stampedBy?: 'a stranger'
  readonly about?: Uint8Array
}

/** Signed by the pinned key, and stamped. */
function stamped(pin: NonNullable<Ask['pin']>, {stampedBy, about}: Stamp = {}): (scene: Scene) => Promise<Ask> {
  return async (scene) => {
    const pinned = await startAuthorities()
    const authority = stampedBy === undefined ? pinned : await startAuthorities()
    const bundle = JSON.parse(Buffer.from(scene.trusted.bundle(signatureOf([scene.digest], scene.repository))).toString()) as KeyBundle
    const [{sig = ''} = {}] = bundle.dsseEnvelope.signatures
    const stamp = await authority.stamp(about ?? Buffer.from(sig, 'base64'))
    bundle.verificationMaterial.timestampVerificationData = {rfc3161Timestamps: [{signedTimestamp: stamp.toString('base64')}]}
    await scene.attachBytes(Buffer.from(JSON.stringify(bundle)))
    const sha256 = `sha256:${createHash('sha256').update(pinned.timestampChain).digest('hex')}`
    return {
      now: new Date(),
      requires: 'signature',
      pin,
      signers: {'timestamp-authorities': [{file: 'tsa.pem', sha256}]},
      files: {'tsa.pem': pinned.timestampChain},
    }
  }
}

interface KeyBundle {
  readonly verificationMaterial: {timestampVerificationData?: object}
  readonly dsseEnvelope: {readonly signatures: readonly {readonly sig?: string}[]}
}

type Named = Omit<KeylessOptions, 'certifiedBy'> & {readonly certifiedBy?: 'a stranger'}

/** Signed without a key, under a policy that names one identity. */
function named({certifiedBy, ...options}: Named = {}): (scene: Scene) => Promise<Ask> {
  return async (scene) => {
    const authorities = await startAuthorities()
    const other: {certifiedBy?: Authorities} = certifiedBy === undefined ? {} : {certifiedBy: await startAuthorities()}
    await scene.attachBytes(
      Buffer.from(JSON.stringify(await keylessBundle(authorities, bytesOf(signatureOf([scene.digest], scene.repository)), {...options, ...other}))),
    )
    return {
      now: new Date(),
      requires: 'signature',
      signers: {keys: undefined, identities: [{issuer: ISSUER, identity: IDENTITY}]},
      config: {'trusted-root': 'root.json'},
      files: {'root.json': JSON.stringify(authorities.trustedRoot)},
    }
  }
}

function bytesOf(statement: StatementInput): Uint8Array {
  return statementBytes(statement)
}

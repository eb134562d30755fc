/**
 * Verifies signatures of every form in process and offline, against nothing but
 * what it is given.
 *
 * A form is read into a claim; the claim is held against pinned keys, or against
 * identities and the authorities that vouch for them; only then is its payload
 * read. What a statement *says* is the policy's business.
 */
import type {FoundSignature, SignatureCheck, Trust, VerifySignature} from '../ports/signatures.ts'
import {bundleClaim} from './bundle-claim.ts'
import type {Claim} from './claim.ts'
import {envelopeClaim, simpleSigningClaim} from './layer-claim.ts'
import {verifyByKey} from './pinned-key.ts'
import {isRefusal, refusal, wordsOf, type Refusal} from './refusal.ts'
import {readContent, withHint} from './signed-content.ts'
import {verifyByIdentity} from './trusted-identity.ts'

export const verifySignature: VerifySignature = (found, trust, artifact) => {
  try {
    const claim = readClaim(found, artifact)
    return isRefusal(claim) ? claim : check(claim, trust)
  } catch (error) {
    // Whoever can attach must not be able to end a verification.
    return refusal('attestation.unreadable', `cannot be verified: ${wordsOf(error)}`)
  }
}

function readClaim(found: FoundSignature, artifact: Uint8Array | string | undefined): Claim | Refusal {
  switch (found.form) {
    case 'bundle':
      return bundleClaim(found, artifact)
    case 'simple-signing':
      return simpleSigningClaim(found.payload, found.annotations)
    case 'envelope':
      return envelopeClaim(found.envelope, found.annotations)
  }
}

function check(claim: Claim, trust: Trust): SignatureCheck {
  const verified = claim.signer.kind === 'key' ? verifyByKey(claim, claim.signer.hint, trust) : verifyByIdentity(claim, claim.signer.der, trust)
  if (isRefusal(verified)) return withHint(verified, claim.content)
  const content = readContent(claim.content)
  return isRefusal(content) ? content : {state: 'verified', ...verified, content}
}

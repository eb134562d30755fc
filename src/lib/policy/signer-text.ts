/** How a signer is called in a sentence. */
import type {SignerId} from '../evidence/details.ts'

export function signerText(signer: SignerId): string {
  return 'spki' in signer ? `key sha256:${signer.spki.slice(0, 12)}…` : `${signer.identity} (${signer.issuer})`
}

/**
 * Authorities and logs that vouch for identities: a Sigstore trusted root (protobuf-specs, sigstore_trustroot.proto).
 *
 * A log or an authority of which the root does not say since when it is trusted, is not.
 */
import {TrustedRoot} from '@sigstore/protobuf-specs'
import {toTrustMaterial, type TrustMaterial} from '@sigstore/verify'

export interface ReadRoot {
  readonly material: TrustMaterial
  /** Thresholds for the library: what the root lists is demanded, whether or not it can be used. */
  readonly demands: {readonly tlogThreshold: 0 | 1; readonly ctlogThreshold: 0 | 1}
}

/** Undefined where `json` is no trusted root, or names something that cannot be used. */
export function readTrustedRoot(json: unknown): ReadRoot | undefined {
  try {
    const root = TrustedRoot.fromJSON(json)
    const material = toTrustMaterial({
      ...root,
      tlogs: root.tlogs.filter(({publicKey}) => publicKey?.validFor?.start !== undefined),
      ctlogs: root.ctlogs.filter(({publicKey}) => publicKey?.validFor?.start !== undefined),
      certificateAuthorities: root.certificateAuthorities.filter(({validFor}) => validFor?.start !== undefined),
      timestampAuthorities: root.timestampAuthorities.filter(({validFor}) => validFor?.start !== undefined),
    })
    return {material, demands: {tlogThreshold: root.tlogs.length > 0 ? 1 : 0, ctlogThreshold: root.ctlogs.length > 0 ? 1 : 0}}
  } catch {
    return undefined
  }
}

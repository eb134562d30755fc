/** Flags that name who is trusted, instead of whom the policy names. */
import {Flags} from '@oclif/core'
import type {PolicyRequest} from '../actions/policy/select-policy.ts'
import {AppError} from '../errors.ts'

export const signerFlags = {
  key: Flags.string({description: "trust this public key instead of the environment's signers", helpValue: 'FILE'}),
  'certificate-identity': Flags.string({
    description: 'trust this identity of a certificate instead; with --certificate-oidc-issuer, compared letter by letter',
    helpValue: 'ID',
  }),
  'certificate-oidc-issuer': Flags.string({description: 'the issuer that has to have vouched for it', helpValue: 'URL'}),
  'trusted-root': Flags.string({
    description: 'Sigstore trusted root that identities are judged against (default: `trusted-root` of the configuration)',
    helpValue: 'FILE',
  }),
}

export interface SignerFlags {
  readonly key?: string | undefined
  readonly 'certificate-identity'?: string | undefined
  readonly 'certificate-oidc-issuer'?: string | undefined
  readonly 'trusted-root'?: string | undefined
}

/** @throws AppError `usage.flag` where they do not name one signer */
export function signerOf(flags: SignerFlags): Pick<PolicyRequest, 'key' | 'identity' | 'trustedRoot'> {
  const {key, 'certificate-identity': identity, 'certificate-oidc-issuer': issuer, 'trusted-root': trustedRoot} = flags
  if (key !== undefined && (identity !== undefined || issuer !== undefined))
    throw new AppError('usage.flag', '--key and --certificate-identity name two signers, and one is trusted', {fix: 'Leave one of them out.'})
  if (identity === undefined && issuer !== undefined)
    throw new AppError('usage.flag', '--certificate-oidc-issuer alone trusts whomever that issuer knows', {fix: 'Add --certificate-identity ID.'})
  if (identity !== undefined && issuer === undefined)
    throw new AppError('usage.flag', `nothing says who has to have vouched for ${identity}`, {fix: 'Add --certificate-oidc-issuer URL.'})
  return {
    ...(key !== undefined && {key}),
    ...(identity !== undefined && issuer !== undefined && {identity: {issuer, identity}}),
    ...(trustedRoot !== undefined && {trustedRoot}),
  }
}

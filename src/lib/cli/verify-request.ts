/** What `verify` is asked for, out of its flags. */
import {Flags} from '@oclif/core'
import type {AttestVerdict} from '../actions/verify/attest-verdict.ts'
import type {VerifyRequest} from '../actions/verify/verify-image.ts'
import {allowLongLivedFlag} from './flags.ts'
import {signerOf, type SignerFlags} from './signer-flags.ts'

export const attestFlags = {
  attest: Flags.boolean({description: 'sign the verdict, whatever it is, as a SLSA verification summary, and attach it', default: false}),
  'signing-key': Flags.string({
    description: 'key to sign it with (default: `signing.key` of the configuration)',
    helpValue: 'file:PATH|URI',
    dependsOn: ['attest'],
  }),
  'allow-long-lived': allowLongLivedFlag({dependsOn: ['attest']}),
}

interface VerifyFlags extends SignerFlags {
  readonly environment?: string | undefined
  readonly repository?: string | undefined
  readonly bundle?: readonly string[] | undefined
  readonly 'as-of'?: Date | undefined
  readonly attest: boolean
  readonly 'signing-key'?: string | undefined
  readonly 'allow-long-lived'?: AttestVerdict['allowLongLived'] | undefined
}

/** @throws AppError `usage.flag` */
export function verifyRequest(image: string, flags: VerifyFlags): VerifyRequest {
  const {environment, repository, bundle: bundles, attest, 'as-of': asOf, 'signing-key': signingKey, 'allow-long-lived': allowLongLived} = flags
  return {
    image,
    ...signerOf(flags),
    ...(environment !== undefined && {environment}),
    ...(repository !== undefined && {repository}),
    ...(bundles !== undefined && {bundles}),
    ...(asOf !== undefined && {asOf}),
    ...(attest && {attest: {...(signingKey !== undefined && {signingKey}), ...(allowLongLived !== undefined && {allowLongLived})}}),
  }
}

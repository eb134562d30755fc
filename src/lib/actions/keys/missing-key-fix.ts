/** What to do about `key.missing`. Where a configuration exists, `init` would refuse: the key is made beside it. */
import type {Config} from '../../config/schema.ts'
import {REASONS} from '../../errors.ts'

export function missingKeyFix({file, signing}: Pick<Config, 'file' | 'signing'>): string {
  if (file === undefined) return REASONS['key.missing'].fix
  return signing.key === undefined
    ? 'hipaa-ci keys generate cosign, then name file:cosign.key under `signing.key` and pin cosign.pub where it is to be trusted.'
    : 'Put the key there, or make another: hipaa-ci keys generate next, then hipaa-ci keys rotate --to file:next.key'
}

/** The part of a new `hipaa-ci.yaml` about the log over the evidence. */

export interface SealingText {
  readonly origin: string
  /** Verifier keys. */
  readonly keys: readonly string[]
  /** Whether `checkpoint.key` lies beside the file: without it nothing seals here, and the keys still say whose log counts. */
  readonly seals: boolean
}

export const SEALING_KEY = 'checkpoint.key'
export const VERIFIER_KEY = 'checkpoint.pub'

const EXAMPLE: SealingText = {origin: 'acme.example/evidence', keys: [`acme.example/evidence+00000000+${'A'.repeat(43)}=`], seals: true}

/** @param given undefined: all of it is an example, behind signs */
export function sealingText(given: SealingText | undefined): string {
  const {origin, keys, seals} = given ?? EXAMPLE
  const sign = given === undefined ? '#' : ''
  return `# The log over the evidence (hipaa-ci evidence seal): the key that signs its checkpoints, a file (its password comes
# from HIPAA_CI_SEALING_PASSWORD) or in AWS KMS, like awskms:///alias/evidence-checkpoint; what the log is called, for
# ever; and the keys whose checkpoints count, old ones too.
${sign}sealing:
${sign}${seals ? '' : '#'}  key: "file:${SEALING_KEY}"
${sign}  origin: ${JSON.stringify(origin)}
${sign}  keys:
${keys.map((key) => `${sign}    - ${JSON.stringify(key)}`).join('\n')}
#  heartbeat: 1d   # a seal at least so often; by default none is owed
#  max-lag: 24h    # a record that is unsealed for longer is a finding
#  timestamp: "https://tsa.example"   # an RFC 3161 authority: proves by when a checkpoint was there
#  timestamp-authorities: [{file: keys/tsa.pem, sha256: "sha256:${'0'.repeat(64)}"}]
#  copies: ["s3://auditor-checkpoints/patient-api?region=us-east-1"]   # out of the hands of who owns the store
`
}

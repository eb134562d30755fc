/**
 * The text of a new `hipaa-ci.yaml`: every key that this version honours, the defaults commented out.
 *
 * `# ` and a word begin a remark. Any other `#` hides a setting that can be made
 * by taking the sign away; a test does so with all of them.
 */
import {sealingText, type SealingText} from './sealing-text.ts'

export interface ConfigText {
  readonly system: string
  /** `folder:PATH` or `s3://BUCKET/PREFIX`, where it is not the default. */
  readonly store?: string
  readonly repository?: string
  /** Whether `cosign.key` lies beside the file. */
  readonly signs: boolean
  /** The log over the evidence, where `checkpoint.pub` lies beside the file. */
  readonly sealing?: SealingText
  /** Of `cosign.pub`, 64 hex characters. Without it nothing can pass, and `requires` is commented out. */
  readonly spki?: string
}

export const CONFIG_NAME = 'hipaa-ci.yaml'
export const PRIVATE_KEY = 'cosign.key'
export const PUBLIC_KEY = 'cosign.pub'

export function configText({system, store, repository, signs, sealing, spki}: ConfigText): string {
  return `# hipaa-ci: what an image must show before it may run, and where the evidence is kept.
# A key behind "#" is a default or an example: take the sign away to set it.
# Secrets never stand here, only where they are: env:NAME or file:PATH.
version: 1

# What an auditor asks about. It stands on every evidence record.
system: ${JSON.stringify(system)}

# Where evidence records lie. Keep the folder out of version control. A bucket with Object Lock keeps them from being
# changed at all: "s3://BUCKET/PREFIX?region=REGION", looked at first by \`hipaa-ci store init\`.
${store === undefined ? '#store: folder:.hipaa-ci/evidence' : `store: ${JSON.stringify(store)}`}
# A folder where records wait while the store cannot be reached; without it the command fails instead.
#spool: .hipaa-ci/spool
# Tables that \`hipaa-ci query\` reads: derived from the records, and made again at will.
#index: folder:.hipaa-ci/evidence-index
#query: {engine: duckdb}

# The private key that signs: a file (its password comes from COSIGN_PASSWORD), or in a key service,
# like awskms:///alias/image-signing. In CI a key that does not end by itself is refused unless it is named here.
${signs ? '' : '#'}signing:
${signs ? '' : '#'}  key: "file:${PRIVATE_KEY}"
#  timestamp: "https://tsa.example"   # an RFC 3161 authority: proves when something was signed
#  allow-long-lived: [key-file]

${sealingText(sealing)}
# Who may write what, as CloudTrail names them: \`hipaa-ci evidence verify --writers\` holds every object against it.
#writers:
#  ci: {principals: ["arn:aws:sts::111122223333:assumed-role/ci-build/*"], streams: [run, sbom, scan, gate, test]}

# What is redacted leaves a token behind; with a key, equal values leave equal tokens.
#redaction: {key: "env:REDACTION_KEY"}

# The gate: how many findings of each kind an image may have. Critical and high are 0 unless another number
# is named; medium, low and warning have no limit unless one is named.
#gate:
#  vulnerabilities:
#    critical: 0
#    high: 0
#    medium: 20              # no limit by default
#    low: 100                # no limit by default
#    only-fixed: false       # true: leave out what has no fix yet
#    database-max-age: 24h   # an older database is no scan
#  secrets: 0
#  misconfigurations: {critical: 0, high: 0}
# A source that is scanned (--source) may have no error; naming \`code\` also demands that one is scanned.
#  code: {error: 0, warning: 50}   # warning: no limit by default

# Platforms of an image index that must be covered. All of them by default.
#platforms: [linux/amd64, linux/arm64]

# What an image must show, by where it is to run. A check that is left out is not made;
# an environment without "requires" lets nothing pass.
environments:
  local:
    # The repository that images must be signed for.
${repository === undefined ? '    #repository: registry.example/team/app' : `    repository: ${JSON.stringify(repository)}`}
    match: {clusters: [local], namespaces: ["*"]}
    # Who must have said yes, and the key that brings images into the repository above (hipaa-ci promote).
    #approvals: {minimum: 1, not-author: true, by: [{person: jo, spki: "sha256:${'0'.repeat(64)}", file: keys/jo.pub}]}
    #promotion: {key: "awskms:///alias/promotion", spki: "sha256:${'0'.repeat(64)}", file: keys/promotion.pub}
${requires(spki)}
# Images that run here but were built by others: by digest, by whom approved, and until when.
#images:
#  - {match: "registry.example/vendor/*", digests: ["sha256:${'0'.repeat(64)}"], approved-by: "your-login", until: 2027-03-31}

# What a cluster does not look at, where a refusal only warns until a day, and who may break the glass.
#admission:
#  exempt: [kube-system, gatekeeper-system, hipaa-ci]
#  rollout: [{namespaces: [new-team], enforce-on: 2027-03-31}]
#  break-glass:
#    by: [{person: ann, spki: "sha256:${'0'.repeat(64)}", file: keys/ann.pub}]
#    reviewed-by: [{person: bob, spki: "sha256:${'0'.repeat(64)}", file: keys/bob.pub}]
#    max-hours: 8

# What must not run any more: a list that \`hipaa-ci revocations publish\` signs. Older than max-age it says nothing.
#revocations: {from: revocations.json, max-age: 24h, key: {spki: "sha256:${'0'.repeat(64)}", file: keys/platform.pub}}

# The platform's policy. This file may only tighten it.
#floor: {file: policy-floor.yaml, sha256: "${'0'.repeat(64)}"}

#tools: {trivy: {db-repository: "mirror.example/trivy-db", java-db-repository: "mirror.example/trivy-java-db"}}
`
}

function requires(spki: string | undefined): string {
  const block = `    requires:
      signature:
        keys:
          - {spki: "sha256:${spki ?? '0'.repeat(64)}", file: ${PUBLIC_KEY}, status: active}
      sbom: {}
      provenance: {}
      scan: {max-age: 7d}
      gate: {}
`
  if (spki !== undefined) return block
  return `    # There is no key yet that could be trusted, so nothing passes here. Make one and fill this in by
    # hipaa-ci init --force --generate-key, with the same --system, --repository and --store as before.
${block.replaceAll(/^ {4}/gm, '    #')}`
}

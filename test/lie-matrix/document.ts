/** `docs/lie-matrix.md` out of the rows. Pure. */
import {APPROVAL_ROWS} from './approval-rows.ts'
import {ATTESTATION_ROWS} from './attestation-rows.ts'
import {COMMAND_ROWS} from './command-rows.ts'
import {POLICY_ROWS} from './policy-rows.ts'
import {SIGNATURE_ROWS} from './signature-rows.ts'
import {REGISTRY_ROWS} from './registry-rows.ts'
import type {Expected} from './row.ts'
import {STORE_ROWS} from './store-rows.ts'
import {TIME_ROWS} from './time-and-identity-rows.ts'

export function lieMatrixPage(): string {
  const sections = [
    section(
      'The signature',
      'Whoever may push can tell these. Tried in memory, on two real registries (one without the referrers API) with the real Cosign beside, and on an OCI layout.',
      SIGNATURE_ROWS,
      true,
    ),
    section('The attestations', 'Under a good signature. Tried as above.', ATTESTATION_ROWS, true),
    section('Keys, clocks and policies', 'Tried as above.', POLICY_ROWS, true),
    section('Times and identities', 'Tried as above; Cosign is asked with the key, or with identity, issuer and trusted root.', TIME_ROWS, true),
    section(
      'Approval and promotion',
      'Under a policy that wants approvals, or in a repository that images are promoted to. Tried as above.',
      APPROVAL_ROWS,
      true,
    ),
    section(
      'What a registry or a layout says',
      'Tried on a store in memory that lies, and over HTTP with the real Cosign beside; a layout on a store in memory.',
      STORE_ROWS,
      true,
    ),
    section(
      'A registry in trouble',
      'Tried on an HTTP server that answers so, with the real Cosign beside; the image is good and signed. Of an image that is named by its ' +
        'digest Cosign does not ask for the manifest.',
      REGISTRY_ROWS,
      true,
    ),
    section('The command line and the configuration', 'Tried by running the command. They are about flags and files that Cosign does not have.', COMMAND_ROWS),
  ]
  return `${[HEAD, ...sections].join('\n\n')}\n`
}

const HEAD = `# The lie matrix

<!-- Written by \`UPDATE_DOCS=1 npm test -- test/lie-matrix.test.ts\` from test/lie-matrix/; a test holds them equal. -->

Every row is a situation that a verdict must not be talked round by, and a test. *hipaa-ci verify* is judged under a policy that asks
for a signature, an SBOM, provenance, a scan of at most 7 days and a gate without critical or high vulnerabilities. The reason code is
that of the check named (or of the error that stops the command). *cosign verify* stands beside it: what \`cosign verify --key KEY
IMAGE\` alone exits with. It answers another question (did this key sign anything attached to this image?), and is no worse for it; but
its exit code alone is no verdict.`

interface Shown {
  readonly situation: string
  readonly expected: Expected
  readonly cosign?: number
  readonly cosignByTag?: number
}

function section(title: string, says: string, rows: readonly Shown[], withCosign = false): string {
  const head = ['situation', 'expected and ours', 'check', 'reason', ...(withCosign ? ['cosign verify'] : [])]
  const lines = rows.map(({situation, expected: {exit, check = '', reason}, cosign, cosignByTag}) => [
    situation,
    String(exit),
    check,
    reason === undefined ? '' : `\`${reason}\``,
    ...(withCosign ? [cosign === undefined ? '' : cosignByTag === undefined ? String(cosign) : `${cosign}; ${cosignByTag} by fallback tag`] : []),
  ])
  return [`## ${title}`, '', says, '', ...[head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`)].join('\n')
}

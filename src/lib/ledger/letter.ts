/**
 * The page that an auditor keeps: one checkpoint, whose it is, and how to hold the log against it later. Markdown. Pure.
 *
 * What it tells to type needs nothing but a shell, sha256sum and OpenSSL 3: whoever doubts us must not need our program.
 */
import {sha256Hex} from '../evidence/record.ts'
import {checkpointKey} from '../evidence/key.ts'
import {shellQuoted} from '../evidence/shell-quoted.ts'
import type {Checkpoint} from './checkpoint.ts'
import {parseNote, type VerifierKey} from './note.ts'

export interface Letter {
  readonly checkpoint: Checkpoint
  /** Of its seal. */
  readonly n: number
  /** The one that signed it. */
  readonly key: VerifierKey
  readonly system: string
  /** Of the store, `folder:…` or `s3://…`. */
  readonly store: string
  /** When it was sealed by the sealer's clock, and when this was written; UTC. */
  readonly sealedAt: string
  readonly writtenAt: string
  /** By an authority that is pinned, UTC. */
  readonly trustedTime?: string
}

const BEGIN = '-----BEGIN CHECKPOINT-----'
const END = '-----END CHECKPOINT-----'

export function letterText({checkpoint, n, key, system, store, sealedAt, writtenAt, trustedTime}: Letter): string {
  const {origin, size, root, note} = checkpoint
  const file = checkpointKey(n)
  return `# Checkpoint of an evidence log

| | |
|---|---|
| system | ${cell(system)} |
| log (origin) | ${origin} |
| records in it (size) | ${size} |
| root, base64 | ${Buffer.from(root, 'hex').toString('base64')} |
| root, hex | ${root} |
| sealed | ${sealedAt}, by the clock of the sealer |
| there by | ${trustedTime === undefined ? 'no timestamp was verified' : `${trustedTime}, as a timestamp authority says`} |
| stored as | ${file} in ${cell(store)} |
| this page written | ${writtenAt} |

Keep this page where nobody who can write the evidence store, or use its key, can change it. What the log held when this
was written can then not be changed, removed or replaced without it being found: every later log has to continue this one.

## The checkpoint

A signed note (C2SP tlog-checkpoint). It ends with its last line; the two lines of dashes are not a part of it.

\`\`\`
${BEGIN}
${note}${END}
\`\`\`

## Who signed it

The verifier key. Ask for it by another way than this page, and compare.

\`\`\`
${key.text}
\`\`\`

## Does the signature hold?

Prints \`${key.algorithm === 'ed25519' ? 'Signature Verified Successfully' : 'Verified OK'}\`. OpenSSL 3 or later; run it in an empty folder.

\`\`\`sh
${signatureCommand(checkpoint, key)}
\`\`\`

## Does the store still hold this checkpoint?

In the folder of the store, or where \`${file}\` of the bucket was downloaded to. Prints \`${file}: OK\`.

\`\`\`sh
echo '${sha256Hex(Buffer.from(note))}  ${file}' | sha256sum --check
\`\`\`

## Does today's log continue this one?

\`\`\`sh
hipaa-ci evidence verify --store ADDRESS --key ${shellQuoted(key.text)} --anchor THIS-PAGE
\`\`\`
`
}

/** The notes of a letter, whatever a mail has done to its line ends; none where `bytes` is no letter. */
export function notesInLetter(bytes: Uint8Array): readonly string[] {
  const text = Buffer.from(bytes).toString('utf8').replaceAll('\r\n', '\n')
  return text
    .split(`\n${BEGIN}\n`)
    .slice(1)
    .flatMap((rest) => rest.split(`${END}\n`).slice(0, 1))
}

function signatureCommand({note}: Checkpoint, key: VerifierKey): string {
  const {text, signatures} = parseNote(note)
  const own = signatures.find(({name, id}) => name === key.name && id === key.id)
  const check =
    key.algorithm === 'ed25519'
      ? 'openssl pkeyutl -verify -rawin -pubin -inkey checkpoint.pem -in checkpoint.text -sigfile checkpoint.sig'
      : 'openssl dgst -sha256 -verify checkpoint.pem -signature checkpoint.sig checkpoint.text'
  return [
    `printf '%s\\n' ${text.trimEnd().split('\n').map(shellQuoted).join(' ')} > checkpoint.text &&`,
    `echo ${base64(own?.signature ?? new Uint8Array())} | base64 --decode > checkpoint.sig &&`,
    `echo ${base64(key.spki)} | base64 --decode | openssl pkey -pubin -inform DER -out checkpoint.pem &&`,
    check,
  ].join('\n')
}

/** Of a table. */
function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`)
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

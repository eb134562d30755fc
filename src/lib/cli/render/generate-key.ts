import type {GenerateKeyResult} from '../../actions/keys/generate-key.ts'
import type {GenerateSealingKeyResult} from '../../actions/keys/generate-sealing-key.ts'
import type {NewKeyFiles} from '../../actions/keys/new-key-files.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'

export function renderGeneratedKey({spki, ...files}: GenerateKeyResult): string {
  return [
    ...written(files, `  pin      ${spki}`),
    '',
    'It is trusted nowhere yet: pin it in hipaa-ci.yaml, or make it the signing key by hipaa-ci keys rotate.',
  ].join('\n')
}

export function renderGeneratedSealingKey({verifierKey, lines, ...files}: GenerateSealingKeyResult): string {
  return [
    ...written(files, `  as       ${printable(verifierKey)}`),
    '',
    'It seals nothing yet. Write this into hipaa-ci.yaml; keys that sealed before stay under `keys`, and the origin never changes:',
    '',
    ...lines.map((line) => printable(line)),
  ].join('\n')
}

function written({privateKey, publicKey, ignored}: NewKeyFiles, identity: string): string[] {
  return [
    `${MARKS.verified} wrote ${printable(privateKey)} (readable by you alone; keep a copy in a safe place)`,
    `  public   ${printable(publicKey)}`,
    identity,
    ...ignored.lines.map((line) => `  ignored  ${printable(line)}, in ${printable(ignored.file)}`),
  ]
}

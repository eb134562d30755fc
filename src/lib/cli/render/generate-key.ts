import type {GenerateKeyResult} from '../../actions/keys/generate-key.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'

export function renderGeneratedKey({privateKey, publicKey, spki, ignored}: GenerateKeyResult): string {
  return [
    `${MARKS.verified} wrote ${printable(privateKey)} (readable by you alone; keep a copy in a safe place)`,
    `  public   ${printable(publicKey)}`,
    `  pin      ${spki}`,
    ...ignored.lines.map((line) => `  ignored  ${printable(line)}, in ${printable(ignored.file)}`),
    '',
    'It is trusted nowhere yet: pin it in hipaa-ci.yaml, or make it the signing key by hipaa-ci keys rotate.',
  ].join('\n')
}

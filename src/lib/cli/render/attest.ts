import type {AttestResult} from '../../actions/sign/attest-image.ts'
import {imageLines} from './image-name.ts'
import {MARKS, shortDigest} from './marks.ts'

export function renderAttest(result: AttestResult): string {
  const width = Math.max(...result.attestations.map(({type}) => type.length))
  return [
    `${MARKS.verified} attested by key ${shortDigest(result.signer.spki)}`,
    ...imageLines(result.repository, result.digest),
    ...result.attestations.map(({type, attached, subjects, record}) => {
      const what = attached ? 'attested' : 'was attested already'
      return `  ${type.padEnd(width)}  ${what} for ${subjects.map(shortDigest).join(', ')}  ${record === undefined ? 'not recorded' : `record ${record}`}`
    }),
  ].join('\n')
}

import type {ShowEvidenceResult, ShownBlob} from '../../actions/evidence/show-evidence.ts'
import {MARKS} from './marks.ts'
import {printable} from './printable.ts'

export function renderEvidence({key, holds, record, fault, blobs}: ShowEvidenceResult): string {
  const body =
    record === undefined ? [`${MARKS.failed} it cannot be read: ${printable(fault ?? '')}`] : JSON.stringify(record, undefined, 2).split('\n').map(printable)
  return [
    ...body,
    '',
    `  ${key}`,
    holds ? `${MARKS.verified} its bytes match the digest in its name` : `${MARKS.failed} its bytes do not match the digest in its name`,
    ...blobs.map(blobLine),
  ].join('\n')
}

function blobLine({name, size, state}: ShownBlob): string {
  const mark = {whole: MARKS.verified, altered: MARKS.failed, missing: MARKS.missing}[state]
  return `${mark} blob ${printable(name)}, ${size} bytes: ${state}`
}

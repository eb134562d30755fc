/** The answer that an API server takes: an AdmissionReview with a response (admission.k8s.io/v1). */
import type {ImageVerdict} from './image-verdict.ts'
import {printable} from './printable.ts'

export interface AdmissionAnswer {
  readonly apiVersion: 'admission.k8s.io/v1'
  readonly kind: 'AdmissionReview'
  readonly response: {
    readonly uid: string
    readonly allowed: boolean
    /** Only of a refusal; the message is what `kubectl` shows. */
    readonly status?: {readonly code: 403; readonly reason: 'Forbidden'; readonly message: string}
  }
}

const MESSAGE_MAX = 2_000

export function admissionAnswer(uid: string, images: readonly ImageVerdict[]): AdmissionAnswer {
  const refused = images.filter(({allowed}) => !allowed)
  const allowed = images.length > 0 && refused.length === 0
  return {apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: {uid, allowed, ...(!allowed && {status: forbidden(refused)})}}
}

function forbidden(refused: readonly ImageVerdict[]): AdmissionAnswer['response']['status'] & object {
  const reasons = refused.map(({path, image, reasons: codes, message}) => `${path} ${printable(image)}: ${codes.join(', ')} (${printable(message)})`)
  const text = `hipaa-ci refused ${refused.length} ${refused.length === 1 ? 'image' : 'images'}: ${reasons.join('; ')}`
  return {code: 403, reason: 'Forbidden', message: text.length > MESSAGE_MAX ? `${text.slice(0, MESSAGE_MAX)}…` : text}
}

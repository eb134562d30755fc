/**
 * What an admission server counts, as Prometheus reads it (text format 0.0.4). Pure.
 *
 * Labels take few values, all of them ours: no image, no user, no namespace. Those stand in the records, where access to them
 * is controlled, and their number has no end.
 */
import {isReasonCode} from '../errors.ts'
import type {DetailOf} from '../evidence/schema.ts'
import type {AdmissionLog} from '../ports/admission-log.ts'
import type {AdmissionRequest, CertificateState} from '../ports/admission-server.ts'
import {counter, gauge, histogram, type Family} from './metric-families.ts'

export interface ObservedVerdict {
  readonly verdict: DetailOf<'admission'>['verdict']
  readonly mode: DetailOf<'admission'>['mode']
  /** The first reason of a refusal. One that is no reason code counts as `other`. */
  readonly reason?: string | undefined
}

export interface AdmissionMetrics {
  /** Of each request over HTTPS, also of a refused one. */
  observeRequest(request: Pick<AdmissionRequest, 'outcome' | 'milliseconds'>): void
  /** Of each image that was judged. */
  observeVerdict(verdict: ObservedVerdict): void
  observeLog(state: ReturnType<AdmissionLog['state']>): void
  /** @param entries verdicts that are remembered */
  observeCache(entries: number): void
  observeCertificates(certificates: CertificateState): void
  /** All of it; ends with a line feed. */
  text(): string
}

/** Around the goals (10 ms from memory, 1 s from a registry) and the deadline (7 s). */
const MILLISECONDS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 7_000, 10_000]

export function createMetrics(): AdmissionMetrics {
  const requests = counter('hipaa_ci_admission_requests_total', 'Requests over HTTPS, by what became of them.')
  const durations = histogram('hipaa_ci_admission_request_duration_milliseconds', 'From the headers of a request to the end of its answer.', MILLISECONDS)
  const verdicts = counter('hipaa_ci_admission_verdicts_total', 'Judged images, by verdict, mode and first reason.')
  const logBytes = gauge('hipaa_ci_admission_log_bytes', 'Bytes in the write-ahead log that wait for the evidence store.')
  const logObjects = gauge('hipaa_ci_admission_log_objects', 'Objects in the write-ahead log that wait for the evidence store.')
  const logOldest = gauge('hipaa_ci_admission_log_oldest_timestamp_seconds', 'Since when the oldest of them waits; absent where none does.')
  const cache = gauge('hipaa_ci_admission_cache_entries', 'Verdicts that are remembered.')
  const expiry = gauge('hipaa_ci_admission_certificate_expiry_timestamp_seconds', 'When a certificate ends.')
  const kept = gauge('hipaa_ci_admission_certificate_reload_failed', '1 where the files hold certificates that cannot be used, and older ones go on.')
  const families: readonly Family[] = [requests, durations, verdicts, logBytes, logObjects, logOldest, cache, expiry, kept]

  return {
    observeRequest({outcome, milliseconds}) {
      requests.add({outcome})
      durations.observe(milliseconds)
    },
    observeVerdict: ({verdict, mode, reason}) => verdicts.add({verdict, mode, reason: reason === undefined || isReasonCode(reason) ? (reason ?? '') : 'other'}),
    observeLog({bytes, objects, oldest}) {
      logBytes.set(bytes)
      logObjects.set(objects)
      logOldest.set(oldest === undefined ? undefined : seconds(oldest))
    },
    observeCache: (entries) => cache.set(entries),
    observeCertificates({expires, clientCaExpires, kept: why}) {
      expiry.set(seconds(expires), {certificate: 'server'})
      expiry.set(seconds(clientCaExpires), {certificate: 'client-ca'})
      kept.set(why === undefined ? 0 : 1)
    },
    text: () => families.map((family) => family.text()).join(''),
  }
}

function seconds(time: Date): number {
  return time.getTime() / 1_000
}

/** What an admission server tells while it runs: a line for each thing that happened, and counts. Neither names images or people: records do. */
import type {AnsweredKey} from '../actions/admission/answer-keys.ts'
import type {Telemetry} from '../actions/admission/serve-admission.ts'
import {createMetrics, type ObservedVerdict} from '../admission/metrics.ts'
import type {JsonLog} from './json-log.ts'

const VERDICTS = {allowed: 'verified', warned: 'failed', refused: 'failed', 'could-not-check': 'could-not-check'} as const

export function serveTelemetry(log: JsonLog): Telemetry {
  const metrics = createMetrics()
  return {
    onKey(answered) {
      metrics.observeVerdict(verdictOf(answered))
      const {mode, outcome, reasons, namespace, milliseconds} = answered
      log(outcome === 'could-not-check' ? 'warn' : 'info', 'judged', {mode, outcome, reasons, namespace, milliseconds})
    },
    onRequest(request) {
      metrics.observeRequest(request)
      const {outcome, status, milliseconds, peer, why} = request
      if (outcome !== 'answered') log('warn', 'request', {outcome, status, milliseconds, peer, why})
    },
    onCertificates(state) {
      metrics.observeCertificates(state)
      log(state.kept === undefined ? 'info' : 'error', 'certificates', {...state})
    },
    onFault: (error) => log('error', 'fault', {fault: error instanceof Error ? error : String(error)}),
    onShipping: (fault) => log(fault === undefined ? 'info' : 'error', 'shipping', {code: fault?.code, fault: fault?.message ?? 'none'}),
    onShipped({records, blobs, late}) {
      if (late > 0) log('warn', 'shipped-late', {records, blobs, late})
    },
    metrics(gauges) {
      metrics.observeLog(gauges.log)
      metrics.observeCache(gauges.verdicts)
      return metrics.text()
    },
  }
}

function verdictOf({mode, outcome, reasons: [reason]}: AnsweredKey): ObservedVerdict {
  const recorded = mode === 'admission' || mode === 'unknown' ? (outcome === 'warned' ? 'warn' : 'enforce') : mode
  return {verdict: VERDICTS[outcome], mode: recorded, reason}
}

import assert from 'node:assert/strict'
import {createMetrics} from '../../../src/lib/admission/metrics.ts'

describe('createMetrics', () => {
  const valuesOf = (text: string) => Object.fromEntries(text.split('\n').flatMap((line) => (/^[^#]/.test(line) ? [line.split(/ (?=[^ ]*$)/)] : []))) as object

  it('gives what Prometheus reads: each family once, with help and type before its values', () => {
    const metrics = createMetrics()
    metrics.observeRequest({outcome: 'answered', milliseconds: 3})
    metrics.observeVerdict({verdict: 'failed', mode: 'enforce', reason: 'signature.missing'})
    metrics.observeLog({bytes: 1, objects: 1, oldest: new Date(0)})
    metrics.observeCache(1)
    metrics.observeCertificates({expires: new Date(0), clientCaExpires: new Date(0)})
    const text = metrics.text()
    assert.ok(text.endsWith('\n'))
    let family = ''
    const seen = new Set<string>()
    for (const line of text.trimEnd().split('\n')) {
      const [, kind, name] = /^# (HELP|TYPE) (\S+) \S/.exec(line) ?? []
      if (kind === 'HELP') {
        assert.ok(!seen.has(name ?? ''), `${name} comes twice`)
        seen.add((family = name ?? ''))
      } else if (kind === 'TYPE') assert.equal(name, family)
      else {
        assert.match(line, /^[a-z_]+(\{([a-z_]+="[^"\\\n]*",?)+\})? [0-9.e+-]+$/)
        assert.ok(line.startsWith(family), line)
      }
    }
    assert.equal(seen.size, 9)
  })

  it('counts by outcome, verdict, mode and reason', () => {
    const metrics = createMetrics()
    metrics.observeRequest({outcome: 'answered', milliseconds: 3})
    metrics.observeRequest({outcome: 'answered', milliseconds: 10})
    metrics.observeRequest({outcome: 'deadline', milliseconds: 70_000})
    for (const mode of ['enforce', 'warn', 'enforce'] as const) metrics.observeVerdict({verdict: 'failed', mode, reason: 'signature.missing'})
    metrics.observeVerdict({verdict: 'verified', mode: 'enforce'})
    const values = valuesOf(metrics.text())
    const histogram = 'hipaa_ci_admission_request_duration_milliseconds'
    assert.deepEqual(
      {...values},
      {
        ...values,
        'hipaa_ci_admission_requests_total{outcome="answered"}': '2',
        'hipaa_ci_admission_requests_total{outcome="deadline"}': '1',
        'hipaa_ci_admission_verdicts_total{verdict="failed",mode="enforce",reason="signature.missing"}': '2',
        'hipaa_ci_admission_verdicts_total{verdict="failed",mode="warn",reason="signature.missing"}': '1',
        'hipaa_ci_admission_verdicts_total{verdict="verified",mode="enforce",reason=""}': '1',
        [`${histogram}_bucket{le="2"}`]: '0',
        [`${histogram}_bucket{le="5"}`]: '1',
        [`${histogram}_bucket{le="10"}`]: '2',
        [`${histogram}_bucket{le="10000"}`]: '2',
        [`${histogram}_bucket{le="+Inf"}`]: '3',
        [`${histogram}_sum`]: '70013',
        [`${histogram}_count`]: '3',
      },
    )
  })

  it('has no label that somebody else could fill', () => {
    const metrics = createMetrics()
    for (const reason of ['registry.example/patient-api', 'jane@clinic.example', '"} 1\nfake 1', '__proto__', 'toString'])
      metrics.observeVerdict({verdict: 'failed', mode: 'enforce', reason})
    const lines = metrics
      .text()
      .split('\n')
      .filter((line) => line.startsWith('hipaa_ci_admission_verdicts_total'))
    assert.deepEqual(lines, ['hipaa_ci_admission_verdicts_total{verdict="failed",mode="enforce",reason="other"} 5'])
  })

  it('tells what waits in the log, and of no oldest where nothing does', () => {
    const metrics = createMetrics()
    metrics.observeLog({bytes: 300, objects: 2, oldest: new Date('2026-03-02T08:00:00.500Z')})
    metrics.observeCache(12)
    assert.deepEqual(
      ['log_bytes 300', 'log_objects 2', 'log_oldest_timestamp_seconds 1772438400.5', 'cache_entries 12'].filter(
        (line) => !metrics.text().includes(`\nhipaa_ci_admission_${line}\n`),
      ),
      [],
    )
    metrics.observeLog({bytes: 0, objects: 0})
    assert.doesNotMatch(metrics.text(), /^hipaa_ci_admission_log_oldest/m)
    assert.match(metrics.text(), /^hipaa_ci_admission_log_bytes 0$/m)
  })

  it('tells when certificates end, and whether newer ones cannot be used', () => {
    const metrics = createMetrics()
    metrics.observeCertificates({expires: new Date(1_000_000), clientCaExpires: new Date(2_000_000), kept: 'the key is another one’s'})
    assert.match(metrics.text(), /^hipaa_ci_admission_certificate_expiry_timestamp_seconds\{certificate="server"\} 1000$/m)
    assert.match(metrics.text(), /^hipaa_ci_admission_certificate_expiry_timestamp_seconds\{certificate="client-ca"\} 2000$/m)
    assert.match(metrics.text(), /^hipaa_ci_admission_certificate_reload_failed 1$/m)
    metrics.observeCertificates({expires: new Date(0), clientCaExpires: new Date(0)})
    assert.match(metrics.text(), /^hipaa_ci_admission_certificate_reload_failed 0$/m)
  })
})

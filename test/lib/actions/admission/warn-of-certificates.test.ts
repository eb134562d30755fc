import assert from 'node:assert/strict'
import {certificateWarnings} from '../../../../src/lib/actions/admission/warn-of-certificates.ts'
import {serveTelemetry} from '../../../../src/lib/cli/serve-telemetry.ts'

const DAY = 86_400_000
const START = Date.parse('2026-03-01T12:00:00Z')
const inDays = (days: number) => new Date(START + days * DAY)

/** A server whose time passes when it waits; told is what each look said, and metrics what they say at the end. */
async function live(server: number, clientCa: number, looks: number, renewed?: {readonly look: number; readonly server: number}) {
  let now = START
  let look = 0
  const told: string[] = []
  const lines: unknown[] = []
  const telemetry = serveTelemetry((level, event, fields) => void lines.push([level, event, fields?.['certificate'], fields?.['days']]))
  const stop = new AbortController()
  const wait = async (milliseconds: number) => {
    if (look === looks) return stop.abort()
    now += milliseconds
    look += 1
    if (look === renewed?.look) warnings.seen({expires: inDays(renewed.server), clientCaExpires: inDays(clientCa)})
  }
  const warnings = certificateWarnings(
    (ending) => {
      told.push(ending.map(({certificate, days}) => `${certificate} ${days}`).join(', '))
      telemetry.onEnding(ending)
    },
    {now: () => new Date(now), wait},
  )
  warnings.seen({expires: inDays(server), clientCaExpires: inDays(clientCa)})
  await warnings.watch(stop.signal)
  const metrics = telemetry
    .metrics({log: {bytes: 0, objects: 0}, verdicts: 0})
    .split('\n')
    .filter((line) => line.startsWith('hipaa_ci_admission_certificate_ends_soon{'))
    .map((line) => line.replace('hipaa_ci_admission_certificate_ends_soon', ''))
  return {told, lines, metrics}
}

describe('certificateWarnings', () => {
  it('says it from 21 days before the end on, each day, of each certificate, and also after the end', async () => {
    const {told, lines, metrics} = await live(22, 1.5, 3)
    assert.deepEqual(told, ['client-ca 1', 'client-ca 0', 'server 20, client-ca -1', 'server 19, client-ca -2'])
    assert.deepEqual(lines[0], ['warn', 'certificate-ends', 'client-ca', 1])
    assert.deepEqual(metrics, ['{certificate="server"} 1', '{certificate="client-ca"} 1'])
  })

  it('says at once that it is over where another one is put into use', async () => {
    const {told, metrics} = await live(10, 90, 2, {look: 1, server: 90})
    assert.deepEqual(told, ['server 10', '', '', ''])
    assert.deepEqual(metrics, ['{certificate="server"} 0', '{certificate="client-ca"} 0'])
  })

  it('says nothing of what has long to go', async () => {
    const {told, lines} = await live(60, 60, 5)
    assert.deepEqual([told.join(''), lines], ['', []])
  })
})

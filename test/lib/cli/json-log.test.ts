import assert from 'node:assert/strict'
import {createJsonLog, type LogValue} from '../../../src/lib/cli/json-log.ts'

describe('createJsonLog', () => {
  const NOW = '2026-03-02T08:00:00.000Z'
  const lineOf = (fields?: Readonly<Record<string, LogValue>>) => {
    const lines: string[] = []
    createJsonLog(() => new Date(NOW), {write: (text) => lines.push(String(text)) > 0})('warn', 'not-a-client', fields)
    assert.equal(lines.length, 1)
    const [line = ''] = lines
    assert.match(line, /^\{[\x20-\x7e\p{L}…]*\}\n$/u)
    return line
  }
  const saidOf = (fields: Readonly<Record<string, LogValue>>) => {
    const {time, level, event, ...rest} = JSON.parse(lineOf(fields)) as Record<string, unknown>
    assert.deepEqual([time, level, event], [NOW, 'warn', 'not-a-client'])
    return rest
  }

  it('writes time, level, event and fields, in one line', () => {
    assert.equal(lineOf(), `{"time":"${NOW}","level":"warn","event":"not-a-client"}\n`)
    const fields = {status: 403, retried: false, until: new Date(0), names: ['a', 'b'], gone: undefined, error: new Error('it broke')}
    assert.deepEqual(saidOf(fields), {status: 403, retried: false, until: '1970-01-01T00:00:00.000Z', names: ['a', 'b'], error: 'it broke'})
  })

  it('lets somebody else’s text neither begin a line, nor move a cursor, nor turn it around', () => {
    const hostile = 'a\n{"level":"info"}\r\u001b[2J\u0085\u2028\u2029\u202e\u0000\ud800"\\'
    assert.doesNotMatch(lineOf({peer: hostile}).trimEnd(), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
    assert.deepEqual(saidOf({peer: hostile, names: [hostile]}), {peer: hostile, names: [hostile]})
  })

  it('lets no field take the place of its own', () => {
    assert.deepEqual(saidOf({level: 'info', time: 'never', event: 'pass'}), {})
  })

  it('takes out what opens something, by what it looks like and by what it is called', () => {
    const password = 'hunter2-hunter2'
    const line = lineOf({
      why: `GET https://user:${password}@registry.example/ failed`,
      error: new Error('-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----'),
      authorization: 'Basic abcd',
      registryToken: 'abcd-efgh',
      patient: 'SSN 123-45-6789',
    })
    assert.doesNotMatch(line, /hunter2|MIGHAg|abcd|123-45-6789/)
    assert.match(line, /registry\.example/)
  })

  it('cuts what is too long, and cannot be stopped by it', () => {
    const {why, names} = saidOf({why: 'x'.repeat(10_000_000), names: Array.from({length: 100}, () => 'a')}) as {why: string; names: string[]}
    assert.deepEqual([why.length, why.at(-1), names.length], [2_001, '…', 32])
  })

  it('tells of a time that is none', () => {
    assert.deepEqual(saidOf({until: new Date(Number.NaN)}), {until: 'invalid date'})
  })
})

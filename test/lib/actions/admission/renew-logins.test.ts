import assert from 'node:assert/strict'
import {renewLogins} from '../../../../src/lib/actions/admission/renew-logins.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {LoginRenewal} from '../../../../src/lib/ports/credentials.ts'

describe('renewLogins', () => {
  it('looks every minute until it is stopped, and tells what became of each', async () => {
    const fault = new AppError('registry.unreachable', 'nobody answers')
    const looks: (readonly LoginRenewal[])[] = [[], [{host: 'a'}, {host: 'b', fault}], [{host: 'b'}]]
    const [told, waited]: [LoginRenewal[], number[]] = [[], []]
    const over = new AbortController()
    const wait = async (milliseconds: number) => {
      waited.push(milliseconds)
      if (looks.length === 0) over.abort()
    }
    await renewLogins(async () => looks.shift() ?? assert.fail('it looks again'), {told: (renewal) => void told.push(renewal), wait, stop: over.signal})
    assert.deepEqual(
      [told, waited],
      [
        [{host: 'a'}, {host: 'b', fault}, {host: 'b'}],
        [60_000, 60_000, 60_000, 60_000],
      ],
    )
  })
})

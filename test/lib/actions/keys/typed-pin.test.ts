import assert from 'node:assert/strict'
import {typedPin} from '../../../../src/lib/actions/keys/typed-pin.ts'
import {Config} from '../../../../src/lib/config/schema.ts'
import {AppError} from '../../../../src/lib/errors.ts'

const [one, two, three] = [`${'ab'.repeat(8)}${'0'.repeat(48)}`, `${'ab'.repeat(8)}${'1'.repeat(48)}`, 'c'.repeat(64)]
const signers = (...digests: readonly string[]) => ({requires: {signature: {keys: digests.map((hex) => ({spki: `sha256:${hex}`, file: `${hex}.pub`}))}}})
const config = {
  ...Config.parse({
    version: 1,
    system: 'patient-api',
    environments: {
      staging: signers(one, two),
      production: {...signers(two), promotion: {key: 'file:p.key', spki: `sha256:${three}`, file: 'p.pub'}},
    },
  }),
  root: '/policy',
}

describe('typedPin', () => {
  for (const text of [one, `sha256:${one}`, one.toUpperCase(), one.slice(0, 17), `sha256:${one.slice(0, 17)}…`])
    it(`finds the pin that ${text.slice(0, 30)} means`, () => assert.equal(typedPin(text, config), `sha256:${one}`))

  it('takes one key in two environments for one', () => assert.equal(typedPin(two.slice(0, 17), config), `sha256:${two}`))

  for (const [what, text, message, named] of [
    ['what begins two digests', one.slice(0, 16), /more than one/, [one, two]],
    ['what nobody pins', 'd'.repeat(64), /no environment pins/, [one, two]],
    ['the key of another duty', three, /no environment pins/, [one, two]],
    ['eleven digits', one.slice(0, 11), /first 12/, [one, two]],
    ['no digits', 'sha256:', /first 12/, [one, two]],
    ['what is not hexadecimal', `${one.slice(0, 12)}z`, /is no digest/, [one, two]],
    ['more than a digest', `${one}0`, /is no digest/, [one, two]],
  ] as const)
    it(`refuses ${what}, and names the candidates`, () => {
      assert.throws(
        () => typedPin(text, config),
        (error) =>
          error instanceof AppError &&
          error.code === 'usage.flag' &&
          message.test(error.message) &&
          named.every((hex) => error.suggestions.join().includes(hex)),
      )
    })
})

import assert from 'node:assert/strict'
import {Args, Flags, Parser} from '@oclif/core'
import {durationFlag, instantFlag} from '../../../src/lib/cli/flags.ts'
import {refuseEmpty, usageError} from '../../../src/lib/cli/usage-error.ts'
import {AppError} from '../../../src/lib/errors.ts'

const FLAGS = {
  key: Flags.string({description: 'a key'}),
  'database-max-age': Flags.string(),
  format: Flags.string({options: ['table', 'csv']}),
  limit: Flags.integer({min: 1}),
  'as-of': instantFlag({}),
  timeout: durationFlag({}),
  name: Flags.string({required: true, multiple: true}),
  json: Flags.boolean({exclusive: ['format']}),
}
const ARGS = {image: Args.string({required: true, description: 'HOST/REPO@sha256:…'})}

/** The real parser's own error, in our words. */
const refusal = async (...argv: string[]): Promise<string> => {
  const error: unknown = await Parser.parse(argv, {flags: FLAGS, args: ARGS, strict: true}).catch((thrown: unknown) => thrown)
  const known = usageError(error, Object.keys(FLAGS))
  assert.ok(known instanceof AppError, String(error))
  assert.deepEqual([known.code, known.exitCode], ['usage.flag', 2])
  return known.message
}

describe('usageError', () => {
  const cases: [string[], string][] = [
    [['i', '--kye', 'x'], 'unknown flag --kye (did you mean --key?)'],
    [['i', '--databse-max-age=1d', '--zzzzzz', '-x'], 'unknown flags --databse-max-age (did you mean --database-max-age?), --zzzzzz, -x'],
    [['i', '--database'], 'unknown flag --database (did you mean --database-max-age?)'],
    [['i', '--pasword=hunter2'], 'unknown flag --pasword'],
    [['--name', 'n'], 'missing IMAGE'],
    [['i', 'j', 'k', '--name', 'n', '--json'], 'unexpected argument j k'],
    [['i'], 'missing required flag --name'],
    [['i', '--name', 'n', '--format', 'xml'], 'expected --format=xml to be one of: table, csv'],
    [['i', '--name', 'n', '--limit', 'x'], '--limit: expected an integer but received: x'],
    [['i', '--name', 'n', '--as-of', 'yesterday'], '--as-of: yesterday is not a date; write 2026-01-02 or 2026-01-02T03:04:05Z'],
    [['i', '--name', 'n', '--timeout', '10'], '--timeout: 10 is not a span of time; write 90s, 15m, 24h or 7d'],
    [['i', '--name', 'n', '--key'], 'flag --key expects a value'],
    [['i', '--name', 'n', '--json', '--format', 'csv'], '--format=csv cannot also be provided when using --json'],
  ]
  for (const [argv, expected] of cases) it(`says of ${argv.join(' ')}: ${expected}`, async () => assert.equal(await refusal(...argv), expected))

  it("leaves alone what is none of the parser's", () => {
    assert.equal(usageError(new Error('a bug'), []), undefined)
    assert.equal(usageError(new AppError('key.missing', 'no key'), []), undefined)
    assert.equal(usageError('text', []), undefined)
  })
})

describe('refuseEmpty', () => {
  it('names every empty flag and argument', () => {
    assert.throws(() => refuseEmpty({key: '', since: ' ', name: ['a', ''], limit: 0, json: false, store: undefined}, {image: ''}), {
      code: 'usage.empty',
      message: 'IMAGE and --key and --since and --name are empty',
    })
    assert.throws(() => refuseEmpty({key: ''}, {}), {message: '--key is empty'})
  })
  it('lets values, zero and what was left out pass', () => refuseEmpty({key: 'k', limit: 0, json: false, store: undefined, name: []}, {image: 'i'}))
})

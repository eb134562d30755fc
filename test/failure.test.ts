import assert from 'node:assert/strict'
import {failure, notWritten, NOT_WRITTEN_EXIT} from '../bin/failure.js'
import {AppError, REASONS} from '../src/lib/errors.ts'

const PLAIN = {json: false, debug: false}

describe('bin/failure', () => {
  it('takes code, exit code and fix of our own error from the error', () => {
    const {exitCode, stderr, stdout} = failure(new AppError('registry.unreachable', 'no answer from 127.0.0.1:1'), PLAIN)
    assert.equal(exitCode, 4)
    assert.equal(stderr, `✖ no answer from 127.0.0.1:1\n  registry.unreachable\n  → ${REASONS['registry.unreachable'].fix}\n`)
    assert.equal(stdout, '')
  })

  it('gives the same facts as JSON', () => {
    const {stdout} = failure(new AppError('usage.empty', 'flag --key is empty', {fix: 'leave it out'}), {...PLAIN, json: true})
    assert.deepEqual(JSON.parse(stdout), {error: {code: 'usage.empty', message: 'flag --key is empty', exitCode: 2, suggestions: ['leave it out']}})
  })

  const unforeseen = {
    'a TypeError': new TypeError('x is not a function'),
    'a string': 'thrown',
    nothing: undefined,
    'an object that only looks like an end': {oclif: {exit: 0}},
    'an error of oclif': Object.assign(new Error('odd'), {oclif: {exit: 1}}),
  }
  for (const [what, error] of Object.entries(unforeseen)) {
    it(`calls ${what} a bug: never 0, never 1`, () => {
      assert.equal(failure(error, PLAIN).exitCode, 70)
    })
  }

  it('is silent about the error by which --help ends', () => {
    const ended = Object.assign(new Error('EEXIT: 0'), {code: 'EEXIT', oclif: {exit: 0}})
    assert.deepEqual(failure(ended, {json: true, debug: true}), {exitCode: 0, stdout: '', stderr: ''})
  })

  it('says of an answer that could not be written what the table of reasons says', () => {
    const {exit, fix} = REASONS['output.not-written']
    assert.equal(NOT_WRITTEN_EXIT, exit)
    const said = notWritten(Object.assign(new Error('no'), {code: 'ENOSPC'}))
    assert.equal(said, `✖ the answer could not be written to standard output: ENOSPC\n  output.not-written\n  → ${fix}\n`)
  })

  it('shows a stack only with DEBUG, and only one line of the message without', () => {
    const error = new Error('first\nsecond')
    assert.match(failure(error, {json: false, debug: true}).stderr, /at .*failure\.test\.ts/)
    assert.equal(failure(error, PLAIN).stderr.includes('second'), false)
  })
})

import assert from 'node:assert/strict'
import type {Command} from '../../scripts/manifest.ts'
import {commandFault, commandLines} from './command-line.ts'

const flag = (name: string, more: Partial<Command['flags'][string]> = {}): Command['flags'] => ({[name]: {name, type: 'option', ...more}})
const command = (id: string, args: string[], flags: Command['flags']): Command => ({
  id,
  strict: true,
  enableJsonFlag: true,
  examples: [],
  args: Object.fromEntries(args.map((name) => [name, {name, required: true}])),
  flags,
})
const COMMANDS = new Map([
  [
    'scan',
    command('scan', ['target'], {...flag('out', {char: 'o'}), ...flag('update-db', {type: 'boolean'}), ...flag('format', {options: ['table', 'json']})}),
  ],
  ['evidence:verify', command('evidence:verify', [], flag('run'))],
])

describe('commandLines', () => {
  it('takes the commands out of a shell text, one for each', () => {
    const text =
      'cd app # hipaa-ci nothing\n$ hipaa-ci scan a | jq .\nX=1 hipaa-ci scan b && hipaa-ci scan c > d\nhipaa-ci scan \\\n  e # exits 1\nnot hipaa-ci scan f'
    assert.deepEqual(commandLines(text), ['hipaa-ci scan a', 'hipaa-ci scan b', 'hipaa-ci scan c', 'hipaa-ci scan e'])
  })
})

describe('commandFault', () => {
  const right = [
    'hipaa-ci',
    'hipaa-ci --version',
    'hipaa-ci scan image',
    'hipaa-ci scan "an image" --out=f --format json',
    'hipaa-ci scan image -o f --update-db',
    'hipaa-ci scan --help',
    'hipaa-ci evidence verify --run X',
  ]
  for (const line of right) {
    it(`accepts ${line}`, () => {
      assert.equal(commandFault(line, COMMANDS, true), undefined)
    })
  }

  const wrong = [
    'hipaa-ci scna image',
    'hipaa-ci evidence',
    'hipaa-ci evidence ls',
    'hipaa-ci scan image --outt f',
    'hipaa-ci scan image --format xml',
    'hipaa-ci scan image --out',
    'hipaa-ci scan',
    'hipaa-ci scan a b',
  ]
  for (const line of wrong) {
    it(`finds the fault in ${line}`, () => {
      assert.match(commandFault(line, COMMANDS, true) ?? '', /^hipaa-ci .*: \S/)
    })
  }

  it('lets a mention be shorter than a call', () => {
    assert.equal(commandFault('hipaa-ci scan --update-db', COMMANDS, false), undefined)
    assert.equal(commandFault('hipaa-ci evidence', COMMANDS, false), undefined)
    assert.notEqual(commandFault('hipaa-ci scan --nope', COMMANDS, false), undefined)
  })
})

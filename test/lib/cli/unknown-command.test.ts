import assert from 'node:assert/strict'
import {unknownCommand} from '../../../src/lib/cli/unknown-command.ts'

const COMMANDS = ['scan', 'sbom', 'sign', 'verify', 'query', 'evidence:ls', 'evidence:show', 'evidence:verify', 'run:start', 'run:end', 'admission:decide']
const judge = (id: string | undefined, ...argv: string[]) => unknownCommand({bin: 'hipaa-ci', id, argv, commandIds: COMMANDS})

describe('unknownCommand', () => {
  const cases: [string, string[], string, string][] = [
    ['scna', [], 'unknown command scna; did you mean scan?', 'hipaa-ci scan'],
    ['scna:./image', ['--source', '.'], 'unknown command scna; did you mean scan?', 'hipaa-ci scan'],
    ['Verify:registry.example/app@sha256:aa', [], 'unknown command Verify; did you mean verify?', 'hipaa-ci verify'],
    ['evidence:verfy', [], 'unknown command evidence verfy; did you mean evidence verify?', 'hipaa-ci evidence verify'],
    ['evidnce:verify', [], 'unknown command evidnce; did you mean evidence verify?', 'hipaa-ci evidence verify'],
    ['evidence:zzzzzz', [], 'unknown command evidence zzzzzz', 'hipaa-ci evidence --help'],
    ['ls', [], 'unknown command ls; did you mean evidence ls?', 'hipaa-ci evidence ls'],
    ['deploy', ['x'], 'unknown command deploy', 'hipaa-ci --help'],
    ['deploy', ['--help'], 'unknown command deploy', 'hipaa-ci --help'],
    ['evidence', ['--store', 'x', 'verify'], 'evidence needs the name of a command first: ls, show, verify', 'hipaa-ci evidence --help'],
    ['help', [], 'unknown command help', 'hipaa-ci --help'],
    ['help:scan', [], 'unknown command help', 'hipaa-ci scan --help'],
    ['version', [], 'unknown command version', 'hipaa-ci --version'],
    ['--store=secret', ['scan'], 'unknown flag --store before the name of a command', 'hipaa-ci --help'],
    ['evidence:ls:more', [], 'evidence ls takes no argument more', 'hipaa-ci evidence ls --help'],
    ['', [], 'the name of the command is empty', 'hipaa-ci --help'],
  ]
  for (const [id, argv, message, fix] of cases)
    it(`says of "${[id, ...argv].join(' ')}": ${message}`, () => {
      const refusal = judge(id, ...argv)
      assert.deepEqual([refusal?.message, refusal?.suggestions, refusal?.exitCode], [message, [fix], 2])
    })

  it('lets commands, help, version and an empty line pass', () => {
    for (const id of [undefined, '--help', '--version', 'scan', 'evidence:ls', 'evidence']) assert.equal(judge(id), undefined)
    assert.equal(judge('evidence', '--help'), undefined)
  })
})

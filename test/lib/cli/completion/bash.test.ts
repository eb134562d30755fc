import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {mkdtempSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {bashScript} from '../../../../src/lib/cli/completion/bash.ts'
import {completionPlaces} from '../../../../src/lib/cli/completion/model.ts'
import {DESCRIBED} from './described.ts'

describe('bash completion', () => {
  let folder: string
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-bash-'))
    writeFileSync(join(folder, 'script'), bashScript('hipaa-ci', completionPlaces(DESCRIBED)))
  })
  after(() => rmSync(folder, {recursive: true}))

  /** What the real bash offers for the last of `words`; a word of its own for each `=`, as bash cuts them. */
  const offers = (...words: string[]): string[] => {
    const ask = 'set -u; source ./script; COMP_WORDS=(hipaa-ci "$@"); COMP_CWORD=$#; _hipaa_ci; printf "%s\\n" "${COMPREPLY[@]-}"'
    const output = execFileSync('bash', ['--norc', '-c', ask, 'bash', ...words], {cwd: folder, encoding: 'utf8'})
    return output.split('\n').filter((line) => line !== '')
  }

  const cases: [string[], string[]][] = [
    [[''], ['evidence', 'query', 'sbom', 'scan']],
    [['s'], ['sbom', 'scan']],
    [['--'], ['--help', '--version']],
    [
      ['evidence', ''],
      ['ls', 'verify'],
    ],
    [['evidence', 'v'], ['verify']],
    [['evidence', 'ls', '--f'], ['--format']],
    [
      ['evidence', 'ls', '--format', ''],
      ['table', 'csv', 'json'],
    ],
    [['evidence', 'ls', '--format', 'c'], ['csv']],
    [
      ['evidence', 'ls', '--format', '='],
      ['table', 'csv', 'json'],
    ],
    [['evidence', 'ls', '--format', '=', 'j'], ['json']],
    [
      ['evidence', 'verify', '-f', ''],
      ['table', 'csv', 'json'],
    ],
    [['scan', '--store', ''], []],
    [
      ['scan', './image', '--'],
      ['--store', '--update-db', '--no-update-db', '--help'],
    ],
    [
      ['query', ''],
      ['rejected', 'run'],
    ],
    [['query', 'rejected', '--format', 't'], ['table']],
    [
      ['nowhere', ''],
      ['evidence', 'query', 'sbom', 'scan'],
    ],
  ]
  for (const [words, expected] of cases)
    it(`offers ${expected.join(' ') || 'file names'} after ${words.join(' ') || 'nothing'}`, () => assert.deepEqual(offers(...words), expected))

  it('starts nothing that stands in a summary', () => {
    offers('sbom', '--')
    assert.deepEqual(readdirSync(folder), ['script'])
  })

  it('registers itself', () => {
    const shown = execFileSync('bash', ['--norc', '-c', 'source ./script; complete -p hipaa-ci'], {cwd: folder, encoding: 'utf8'})
    assert.equal(shown.trim(), 'complete -o default -F _hipaa_ci hipaa-ci')
  })
})

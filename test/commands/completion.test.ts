/** The script that our own commands get, asked by the real bash. */
import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {readCommands} from '../../scripts/manifest.ts'
import {createWorkspace, type Workspace} from '../e2e/workspace.ts'

describe('hipaa-ci completion', () => {
  let workspace: Workspace
  before(async () => {
    workspace = await createWorkspace()
  })
  after(async () => workspace.remove())

  it('completes every command and each of its flags in bash', async () => {
    const {stdout, exitCode} = await workspace.cli(['completion', 'bash'])
    assert.equal(exitCode, 0)
    const script = await workspace.write('script', stdout)
    const ask = 'set -u; source "$1"; shift; COMP_WORDS=(hipaa-ci "$@"); COMP_CWORD=$#; _hipaa_ci; printf "%s\\n" "${COMPREPLY[@]-}"'
    const offers = (...words: string[]) =>
      execFileSync('bash', ['--norc', '-c', ask, 'bash', script, ...words], {encoding: 'utf8'})
        .trim()
        .split('\n')
    for (const {id, flags, hidden} of readCommands().values()) {
      if (hidden === true) continue
      const words = id.split(':')
      assert.ok(offers(...words).includes(words.at(-1) ?? ''), id)
      const names = Object.values(flags).flatMap((flag) => (flag.hidden === true ? [] : [`--${flag.name}`]))
      assert.deepEqual(
        names.filter((name) => !offers(...words, '--').includes(name)),
        [],
        id,
      )
    }
  })

  it('writes a script for each shell that it names, and no other', async () => {
    for (const [shell, start] of [
      ['zsh', '#compdef hipaa-ci\n'],
      ['fish', '# fish completion for hipaa-ci'],
    ] as const) {
      const {stdout} = await workspace.cli(['completion', shell])
      assert.ok(stdout.startsWith(start), shell)
    }
    assert.equal((await workspace.cli(['completion', 'tcsh'])).exitCode, 2)
    assert.equal((await workspace.cli(['completion'])).exitCode, 2)
  })
})

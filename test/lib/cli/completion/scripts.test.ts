import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fishScript} from '../../../../src/lib/cli/completion/fish.ts'
import {completionPlaces} from '../../../../src/lib/cli/completion/model.ts'
import {zshScript} from '../../../../src/lib/cli/completion/zsh.ts'
import {DESCRIBED} from './described.ts'

const PLACES = completionPlaces(DESCRIBED)

describe('completionPlaces', () => {
  it('knows every group and command, hidden ones left out', () => {
    assert.deepEqual(
      PLACES.map(({path}) => path),
      ['', 'evidence', 'evidence ls', 'evidence verify', 'query', 'sbom', 'scan'],
    )
  })
  it('offers file names where an argument has no fixed values', () => {
    assert.deepEqual(
      PLACES.filter(({files}) => files).map(({path}) => path),
      ['sbom', 'scan'],
    )
  })
})

describe('zsh completion', () => {
  const script = zshScript('hipaa-ci', PLACES)
  it('keeps what a summary says inside its quotes', () => {
    assert.ok(script.includes(String.raw`'sbom:Describe what'\''s in it: $(touch sprung) ${'`touch sprung`'}.'`))
    assert.ok(script.includes(String.raw`'--store=[where \[it\] lies\: it'\''s $HOME]:store:_files'`))
    assert.ok(script.includes("'1: :(rejected run)'"))
  })
  if (isThere('zsh')) it('is zsh', () => accepts('zsh', ['-n'], script))
})

describe('fish completion', () => {
  const script = fishScript('hipaa-ci', PLACES)
  it('keeps what a summary says inside its quotes', () => {
    assert.ok(script.includes(String.raw`-a 'sbom' -d 'Describe what\'s in it: $(touch sprung) ${'`touch sprung`'}.'`))
    assert.ok(script.includes(String.raw`-n '__hipaa_ci_at \'evidence ls\'' -l 'format' -x -a 'table csv json'`))
  })
  if (isThere('fish')) it('is fish', () => accepts('fish', ['--no-config', '--no-execute'], script))
})

/** These two shells are no part of the tool chain: where one is installed, it judges. */
function isThere(shell: string): boolean {
  return spawnSync(shell, ['--version']).status === 0
}

function accepts(shell: string, options: readonly string[], script: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-shell-'))
  try {
    const file = join(folder, 'script')
    writeFileSync(file, script)
    const {status, stderr} = spawnSync(shell, [...options, file], {encoding: 'utf8'})
    assert.equal(status, 0, stderr)
  } finally {
    rmSync(folder, {recursive: true})
  }
}

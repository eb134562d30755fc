import assert from 'node:assert/strict'
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
})

describe('fish completion', () => {
  const script = fishScript('hipaa-ci', PLACES)
  it('keeps what a summary says inside its quotes', () => {
    assert.ok(script.includes(String.raw`-a 'sbom' -d 'Describe what\'s in it: $(touch sprung) ${'`touch sprung`'}.'`))
    assert.ok(script.includes(String.raw`-n '__hipaa_ci_at \'evidence ls\'' -l 'format' -x -a 'table csv json'`))
  })
})

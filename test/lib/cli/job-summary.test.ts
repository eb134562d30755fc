import assert from 'node:assert/strict'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {appendJobSummary} from '../../../src/lib/cli/job-summary.ts'
import {scratchFolder} from '../registry/settings.ts'

describe('appendJobSummary', () => {
  const append = async (path: string | undefined): Promise<string[]> => {
    const notes: string[] = []
    await appendJobSummary('### new', {
      variable: (name) => (name === 'GITHUB_STEP_SUMMARY' ? path : undefined),
      progress: {step: () => {}, note: (text) => void notes.push(text)},
    })
    return notes
  }

  it('adds to what is there, and makes the file where there is none', async () => {
    const path = join(scratchFolder(), 'summary.md')
    writeFileSync(path, '# old\n')
    assert.deepEqual(await append(path), [])
    assert.equal(readFileSync(path, 'utf8'), '# old\n### new\n')
    assert.deepEqual(await append(join(scratchFolder(), 'new.md')), [])
  })

  it('does nothing where no platform asks for it', async () => {
    for (const path of [undefined, '']) assert.deepEqual(await append(path), [])
  })

  it('says that it could not, and goes on', async () => {
    assert.deepEqual(await append(join(scratchFolder(), 'absent', 'summary.md')), ['GITHUB_STEP_SUMMARY cannot be written: ENOENT'])
  })
})

import assert from 'node:assert/strict'
import {runPipeline} from '../../../src/lib/actions/run-pipeline.ts'
import {AppError} from '../../../src/lib/errors.ts'
import {image} from '../../fakes/evidence-writer.ts'
import {quietContext} from '../../fakes/quiet-context.ts'

describe('a pipeline', () => {
  // The context has neither run files nor a store: whatever began a run would fail otherwise.
  const withTarget = (target: (text: string) => Promise<unknown>) =>
    quietContext({cwd: '/project', recorder: async () => ({enabled: true}) as never, target: target as never})

  it('is not begun with a source that is no folder', async () => {
    const context = withTarget(async (text) => ({kind: 'docker-archive', path: text.slice('dir:'.length)}))
    await assert.rejects(runPipeline({image: image('v1'), source: 'app.tar'}, context), {code: 'usage.target', message: 'app.tar is not a folder', exitCode: 2})
  })

  it('nor with one that is not there', async () => {
    const asked: string[] = []
    const context = withTarget(async (text) => {
      asked.push(text)
      throw new AppError('usage.target', `there is nothing at ${text}`)
    })
    await assert.rejects(runPipeline({image: image('v1'), source: 'nowhere'}, context), {code: 'usage.target'})
    assert.deepEqual(asked, ['dir:/project/nowhere'])
  })
})

/** What must not go before the evidence that waits: refused before anything else is asked for, let alone done. */
import assert from 'node:assert/strict'
import {promoteImage} from '../../../../src/lib/actions/promote/promote-image.ts'
import {signImage} from '../../../../src/lib/actions/sign/sign-image.ts'
import type {AppError} from '../../../../src/lib/errors.ts'
import {quietContext} from '../../../fakes/quiet-context.ts'
import {spoolWorld} from '../../../fakes/spool-world.ts'
import {scratch} from '../../../scratch.ts'

describe('while evidence waits in the spool', () => {
  const folder = scratch()
  const image = `registry.example/team/app@sha256:${'a'.repeat(64)}`

  for (const [name, step] of [
    ['a signature', signImage.bind(undefined, {image})],
    ['a promotion', promoteImage.bind(undefined, {image, to: 'production', tags: [], moveTag: false})],
  ] as const)
    it(`${name} is refused, with what to type`, async () => {
      const world = spoolWorld(folder())
      await world.outage(['a'])
      // A context of which only the spool is there: whatever else is asked for fails as a broken test.
      await assert.rejects(step(quietContext({spool: world.spool})), (error: AppError) => {
        assert.deepEqual([error.code, error.exitCode], ['spool.not-empty', 4])
        assert.equal(error.message, `2 objects wait in ${world.path}, and ${name} must not go before`)
        assert.deepEqual(error.suggestions, [`hipaa-ci emit --flush --spool '${world.path}'`])
        return true
      })
    })
})

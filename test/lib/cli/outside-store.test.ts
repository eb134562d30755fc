import assert from 'node:assert/strict'
import {join} from 'node:path'
import {refuseInStore} from '../../../src/lib/cli/outside-store.ts'
import {AppError} from '../../../src/lib/errors.ts'
import {scratch} from '../../scratch.ts'

describe('a result', () => {
  const folder = scratch()

  it('is not written into the store, whichever way its path is written', () => {
    const store = `folder:${join(folder(), 'evidence')}`
    for (const path of ['evidence', 'evidence/', 'evidence/log/letter.md', 'other/../evidence/x'])
      assert.throws(
        () => refuseInStore('--out', join(folder(), path), store),
        (error) => error instanceof AppError && error.code === 'usage.flag' && error.message.startsWith('--out '),
        path,
      )
  })

  it('is written anywhere else', () => {
    const store = `folder:${join(folder(), 'evidence')}`
    for (const path of ['.', 'evidence-2', '..evidence', 'proofs/x']) refuseInStore('--out', join(folder(), path), store)
    refuseInStore('--out', join(folder(), 'evidence'), 's3://acme/evidence')
  })
})

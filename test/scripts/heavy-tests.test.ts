import {existsSync} from 'node:fs'
import {HEAVY_TESTS} from '../../scripts/heavy-tests.ts'
import {assertNone} from '../rules/assert-none.ts'

describe('HEAVY_TESTS', () => {
  it('names only what is there: a file that was moved would be left out nowhere, or run where it cannot', () => {
    assertNone(HEAVY_TESTS.filter((path) => !existsSync(new URL(`../../${path}`, import.meta.url))))
  })
})

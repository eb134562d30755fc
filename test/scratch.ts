/** A fresh folder for each test of the `describe` that calls it, removed afterwards. */
import {mkdtempSync, realpathSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** @returns gives the folder's absolute path, within a test */
export function scratch(): () => string {
  let folder = ''
  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'hipaa-ci-test-')))
  })
  afterEach(() => rmSync(folder, {recursive: true, force: true}))
  return () => folder
}

/** Bounds for tests: short enough to be reached, and no credentials of the machine. */
import {mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import type {RegistrySettings} from '../../../src/lib/registry/settings.ts'

const root = mkdtempSync(join(tmpdir(), 'hipaa-ci-registry-test-'))
process.once('exit', () => rmSync(root, {recursive: true, force: true}))
let folders = 0

/** A fresh folder, removed when the process ends. */
export function scratchFolder(): string {
  folders += 1
  const path = join(root, String(folders))
  mkdirSync(path)
  return path
}

export function quick(): Partial<RegistrySettings> {
  const folder = scratchFolder()
  return {
    idle: 300,
    total: 5_000,
    transfer: 5_000,
    attempts: 3,
    wait: 1,
    waitMax: 50,
    settle: 5,
    lockFolder: join(folder, 'locks'),
    dockerConfig: join(folder, 'config.json'),
  }
}

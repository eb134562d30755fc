/**
 * Writes `schemas/evidence-1.json`, the published form of `src/lib/evidence/schema.ts`.
 *
 * With `--check` it writes nothing and exits 1 where the file differs. Once
 * released, a file is frozen: a difference then is a mistake, not a reason to
 * write it again.
 */
import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {evidenceSchemaText} from './evidence-schema.ts'

const path = fileURLToPath(new URL('../schemas/evidence-1.json', import.meta.url))
const text = evidenceSchemaText()
const same = existsSync(path) && readFileSync(path, 'utf8') === text

if (process.argv.includes('--check')) {
  if (!same) {
    process.stderr.write('schemas/evidence-1.json is not what src/lib/evidence/schema.ts says: npm run schema\n')
    process.exitCode = 1
  }
} else if (!same) {
  mkdirSync(dirname(path), {recursive: true})
  writeFileSync(path, text)
  process.stdout.write('wrote schemas/evidence-1.json\n')
}

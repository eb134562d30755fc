/**
 * Writes what is generated in the documentation: `docs/errors.md`, and the exit table between its marks in `README.md`.
 *
 * With `--check` it writes nothing and exits 1 where a file is not as it should be.
 */
import {readFileSync, writeFileSync} from 'node:fs'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {errorsPage} from './error-tables.ts'
import {withExitTable} from './marked-section.ts'

const check = process.argv.includes('--check')
const wanted = {'docs/errors.md': errorsPage(), 'README.md': withExitTable(read('README.md'))}

for (const [file, text] of Object.entries(wanted)) {
  if (read(file) === text) continue
  if (check) {
    process.stderr.write(`${file} is not as src/lib/errors.ts has it: npm run docs\n`)
    process.exitCode = 1
  } else {
    writeFileSync(path(file), text)
    process.stdout.write(`wrote ${file}\n`)
  }
}

function read(file: string): string {
  try {
    return readFileSync(path(file), 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ''
    throw error
  }
}

function path(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url))
}

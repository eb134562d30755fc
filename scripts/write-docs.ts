/**
 * Writes what is generated in the documentation: `docs/errors.md`, the exit table in `README.md`, the graph in `docs/architecture.md`,
 * the verifying script and its digest in `docs/verify-proof.html`.
 *
 * With `--check` it writes nothing and exits 1 where a file is not as it should be.
 */
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {generatedDocs} from './generated-docs.ts'

const check = process.argv.includes('--check')

for (const [file, text] of Object.entries(generatedDocs(read))) {
  if (read(file) === text) continue
  if (check) {
    process.stderr.write(`${file} is not as it is generated: npm run docs\n`)
    process.exitCode = 1
  } else {
    writeFileSync(path(file), text)
    process.stdout.write(`wrote ${file}\n`)
  }
}

function read(file: string): string {
  return existsSync(path(file)) ? readFileSync(path(file), 'utf8') : ''
}

function path(file: string): string {
  return fileURLToPath(new URL(`../${file}`, import.meta.url))
}

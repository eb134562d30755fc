#!/usr/bin/env node
// @ts-check
/**
 * The command's front door. What a command foresees it answers itself (`BaseCommand`); here ends what nobody foresaw.
 *
 * An old Node is exit 3, like every tool of the wrong version. An interruption
 * is 130. Anything unexpected is 70 and never Node's own 1, which would read
 * as a failed verdict, nor the 0 of a command that fell asleep on a promise
 * which nothing keeps. An answer that cannot be written is 4: not given, whatever
 * it was. No stack without DEBUG.
 */
import {existsSync, fstatSync, writeSync} from 'node:fs'
import module from 'node:module'
import process from 'node:process'
import {failure, notWritten, NOT_WRITTEN_EXIT} from './failure.js'
import {nodeFault} from './node-version.js'

/** Named as text: types are checked before anything is built. */
const BUILT = new URL('../dist/lib/cli/run-command.js', import.meta.url).href

const fault = nodeFault(process.versions.node)
if (fault !== undefined) {
  process.stderr.write(`✖ ${fault}\n`)
  process.exit(3)
}

let answered = false
process.once('exit', () => {
  if (!answered) end(new Error('the command ended without an answer'))
})
process.once('uncaughtException', end)
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    answered = true
    process.stderr.write('✖ interrupted; nothing half-written was left\n')
    process.exit(130)
  })
}

// A reader that has gone (EPIPE) has read what it wanted; oclif passes over that too.
process.stdout.on('error', (error) => {
  if ('code' in error && error.code === 'EPIPE') return
  answered = true
  process.stderr.write(notWritten(error))
  process.exit(process.exitCode === 70 ? 70 : NOT_WRITTEN_EXIT)
})
// Talk that cannot be written changes no verdict, and there is nowhere left to say so.
process.stderr.on('error', () => undefined)
if (isFile(1)) {
  // Node's own writer lets the rest go where a disk takes only a part.
  // oxlint-disable-next-line no-underscore-dangle -- the name by which a stream is told how to write
  process.stdout._write = (/** @type {Buffer} */ chunk, _encoding, done) => done(writeWhole(1, chunk))
}

module.enableCompileCache()
// Not awaited here: Node would end a forgotten promise with a code of its own, 13.
void main()

async function main() {
  try {
    /** @type {typeof import('../src/lib/cli/run-command.ts')} */
    const {runCommand} = await import(BUILT)
    await runCommand(process.argv.slice(2), import.meta.url)
    answered = true
  } catch (error) {
    end(error)
  }
}

/** @param {number} fd */
function isFile(fd) {
  try {
    return fstatSync(fd).isFile()
  } catch {
    return false
  }
}

/**
 * @param {number} fd
 * @param {Buffer} bytes
 * @returns {Error | undefined} why not all of it was written
 */
function writeWhole(fd, bytes) {
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at)
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error))
  }
}

/** @param {unknown} error */
function end(error) {
  answered = true
  const built = existsSync(new URL('../dist', import.meta.url))
  const {exitCode, stdout, stderr} = failure(built ? error : new Error('this checkout is not built; npm run build'), {
    json: process.argv.includes('--json'),
    debug: process.env['DEBUG'] !== undefined,
  })
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  process.exitCode = exitCode
  // Whatever still runs belongs to work that has failed: it must not go on to write or to answer.
  setImmediate(() => process.exit(exitCode))
}

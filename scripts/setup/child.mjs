/** The one place where set-up starts a process: an array, never a shell; its last words are kept for the message. */
import {spawn} from 'node:child_process'

/** Something that stops set-up and that a person can mend: its message is all that is shown. */
export class SetupFault extends Error {}

/** Process ids that are running, so that an interrupted set-up takes them along. */
const running = new Set()
const KEPT = 64 * 1024

/**
 * @param {string} file
 * @param {string[]} argv
 * @param {{cwd: string | URL, env?: Record<string, string | undefined>, onStart?: (pid: number) => void}} options
 * @returns {Promise<{status: number | string, output: string}>} status: exit code, signal, or error code such as ENOENT
 */
export function runChild(file, argv, {cwd, env = process.env, onStart}) {
  return new Promise((resolve) => {
    const windows = process.platform === 'win32'
    // Its own process group: what go and pip start dies with them.
    const child = spawn(file, argv, {cwd, env, stdio: ['ignore', 'pipe', 'pipe'], detached: !windows, windowsHide: true})
    let output = ''
    const keep = (chunk) => (output = (output + chunk).slice(-KEPT))
    child.stdout.setEncoding('utf8').on('data', keep)
    child.stderr.setEncoding('utf8').on('data', keep)
    if (child.pid !== undefined) {
      running.add(child.pid)
      onStart?.(child.pid)
    }
    const settle = (status) => {
      running.delete(child.pid)
      resolve({status, output})
    }
    child.once('error', (error) => settle(error.code ?? error.message))
    child.once('close', (code, signal) => settle(code ?? signal ?? 'unknown'))
  })
}

/** Stops every child with all that it started. */
export function endChildren() {
  for (const pid of running)
    try {
      process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
    } catch (error) {
      if (error.code !== 'ESRCH') throw error
    }
}

/** The end of what a failed child said. */
export function lastLines(output, count = 15) {
  return output
    .trimEnd()
    .split(/\r?\n/)
    .slice(-count)
    .map((line) => `    ${line.slice(0, 300)}`)
    .join('\n')
}

// @ts-check
/**
 * An error that no command has caught -> what to print, and the exit code. Pure, and plain JavaScript like the door that uses it.
 *
 * By design only three kinds come here: our own errors out of a hook (an
 * unknown command), the error by which oclif ends `--help` (exit 0, silent),
 * and what nobody foresaw, which is a bug: 70.
 */

/** @typedef {{code: string, message: string, exitCode: number, suggestions: string[]}} Known */
/** @typedef {Error & Partial<Known> & {oclif?: {exit?: number}}} Thrown */

export const NOT_WRITTEN_EXIT = 4
const NOT_WRITTEN = 'output.not-written'
const NOT_WRITTEN_FIX = 'Make room where the output goes, and run the command again.'

/**
 * @param {unknown} error
 * @param {{json: boolean, debug: boolean}} how
 * @returns {{exitCode: number, stdout: string, stderr: string}}
 */
export function failure(error, {json, debug}) {
  const {code, message, exitCode, suggestions} = read(error)
  if (exitCode === 0) return {exitCode, stdout: '', stderr: ''}
  const lines = [`✖ ${message}`, `  ${code}`, ...suggestions.map((text) => `  → ${text}`)]
  if (debug && error instanceof Error) lines.push('', String(error.stack))
  return {
    exitCode,
    stdout: json ? `${JSON.stringify({error: {code, message, exitCode, suggestions}}, null, 2)}\n` : '',
    stderr: `${lines.join('\n')}\n`,
  }
}

/**
 * An answer that did not reach standard output, in words for standard error: exit 4 (`output.not-written` of the table of reasons).
 * @param {NodeJS.ErrnoException} error of the write
 */
export function notWritten(error) {
  return `✖ the answer could not be written to standard output: ${error.code ?? error.message}\n  ${NOT_WRITTEN}\n  → ${NOT_WRITTEN_FIX}\n`
}

/**
 * @param {unknown} error
 * @returns {Known}
 */
function read(error) {
  const thrown = /** @type {Thrown | undefined} */ (error instanceof Error ? error : undefined)
  const message = (thrown?.message ?? String(error)).split('\n', 1)[0] || 'no message'
  if (thrown?.oclif?.exit === 0) return {code: 'ok', message, exitCode: 0, suggestions: []}
  if (thrown?.name === 'AppError' && thrown.code !== undefined && thrown.exitCode) {
    return {code: thrown.code, message, exitCode: thrown.exitCode, suggestions: thrown.suggestions ?? []}
  }
  return {code: 'bug', message: `unexpected error: ${message}`, exitCode: 70, suggestions: ['Run again with DEBUG=1 and report what it prints.']}
}

/** What a person sees: lines on stderr, a running clock on a terminal, a sign of life now and then elsewhere. */

export function say(text) {
  process.stderr.write(`setup: ${text}\n`)
}

/** `12 s`, `4 min`, `7.5 min`. */
export function duration(ms) {
  const seconds = ms / 1000
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 100) return `${Math.round(seconds)} s`
  return `${Math.round(seconds / 6) / 10} min`.replace('.0 ', ' ')
}

/**
 * Shows that `what` goes on until the function returned is called with its end.
 * @param {string} what `building trivy 0.74.0`
 * @returns {(end: string) => void}
 */
export function startClock(what) {
  const started = Date.now()
  const terminal = process.stderr.isTTY === true
  const line = () => `setup: ${what} … ${duration(Date.now() - started)}`
  process.stderr.write(terminal ? line() : `setup: ${what} …\n`)
  const timer = setInterval(() => process.stderr.write(terminal ? `\r${line()}  ` : `${line()}\n`), terminal ? 1000 : 30_000)
  return (end) => {
    clearInterval(timer)
    process.stderr.write(`${terminal ? '\r' : ''}setup: ${what}: ${end} after ${duration(Date.now() - started)}${terminal ? '   ' : ''}\n`)
  }
}

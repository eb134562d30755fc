/** The end of what a failed tool said, fit for an error message: a few plain lines, no colours, no credentials. Pure. */

const LINES = 6
const LINE_LENGTH = 300
// oxlint-disable-next-line no-control-regex
const CONTROL = /\u001B\[[0-9;?]*[ -/]*[@-~]|[\u0000-\u0008\u000B-\u001F\u007F]/g

export function lastWords(output: string): string {
  const lines = withoutCredentials(output.replaceAll('\r\n', '\n').replaceAll(CONTROL, '')).split('\n')
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-LINES)
    .map((line) => (line.length > LINE_LENGTH ? `${line.slice(0, LINE_LENGTH)}…` : line))
    .join('\n')
}

/** Takes user and password out of addresses, signatures out of queries, and what follows the name of a secret. */
export function withoutCredentials(text: string): string {
  return text
    .replaceAll(/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi, '$1***@')
    .replaceAll(/([?&](?:[a-z-]*(?:signature|token|secret|credential|password|key)[a-z-]*)=)[^\s&"']+/gi, '$1***')
    .replaceAll(/\b(authorization["']?\s*[:=]\s*["']?(?:basic|bearer)?\s*)[^\s"',]+/gi, '$1***')
    .replaceAll(/\b((?:[a-z0-9_]*(?:password|passwd|secret|token|api_?key))["']?\s*[:=]\s*["']?)[^\s"',;&]+/gi, '$1***')
}

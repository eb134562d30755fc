/** The system's code of an error (`ENOENT`), or nothing. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

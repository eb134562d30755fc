/** The code of a system or SQLite error (`ENOENT`, `ELOOP` …). */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

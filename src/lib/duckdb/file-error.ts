/** `ENOENT`, `EACCES`: what the file system said, or the error itself in words. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error)
}

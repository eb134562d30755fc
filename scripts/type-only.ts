/** Whether a compiled module is types alone: nothing of it is left to run, so coverage has nothing to count. */
export function isTypeOnly(compiled: string): boolean {
  const left = compiled
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/export\s*\{\s*\};?/g, '')
  return left.trim() === ''
}

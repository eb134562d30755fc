/** Whether a module without its types is nothing else: nothing of it is left to run, so coverage has nothing to count. */
export function isTypeOnly(stripped: string): boolean {
  const left = stripped
    .replaceAll(/\/\*[^]*?\*\//g, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/export\s*\{\s*\};?/g, '')
  return left.trim() === ''
}

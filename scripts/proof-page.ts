/** The page that verifies proofs in a browser, `docs/verify-proof.html`: its two scripts, and a policy that lets nothing else run. Pure. */
import {createHash} from 'node:crypto'

/**
 * @param page as it is; what stands between its marks is replaced
 * @param script of `docs/verify-proof.js`
 */
export function proofPage(page: string, script: string): string {
  if (/<\/script|<!--/i.test(script)) throw new Error('docs/verify-proof.js would end the script that it is put into')
  const filled = page.replace(/(<script id="verifier">\n)[^]*?(<\/script>)/, (_, begin: string, end: string) => `${begin}${script}${end}`)
  const hashes = (tag: string) =>
    [...filled.matchAll(new RegExp(`<${tag}(?: id="[a-z]+")?>([^]*?)</${tag}>`, 'g'))].map(
      ([, text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`,
    )
  const policy = `default-src 'none'; script-src ${hashes('script').join(' ')}; style-src ${hashes('style').join(' ')}; base-uri 'none'; form-action 'none'`
  return filled.replace(/(<meta http-equiv="Content-Security-Policy" content=")[^"]*(")/, (_, begin: string, end: string) => `${begin}${policy}${end}`)
}

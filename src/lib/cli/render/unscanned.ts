/** What was not looked at, as a sentence. */
import {REASONS} from '../../errors.ts'
import type {Unscanned} from '../../evidence/details.ts'

const SENTENCES: ReadonlyMap<string, (what: string) => string> = new Map([
  ['trivy.parse-failed', (what: string) => `${what} could not be parsed`],
  ['trivy.error', (what: string) => `Trivy says: ${what}`],
  ['trivy.system-packages-lost', (what: string) => `none of ${what} was looked up; the distribution is not known, or not supported`],
  ['trivy.packages-lost', (what: string) => `none of ${what} was looked up, though the SBOM lists them`],
  ['trivy.package-lost', (what: string) => `${what} is in the SBOM, and was not looked up`],
  ['trivy.end-of-life', (what: string) => `${what} is past its end of life; no advisories are published for it any more`],
  ['image.layer-type', (what: string) => `the layer ${what} is of a kind that no scanner reads`],
  ['semgrep.partial-parsing', (what: string) => `a part of ${what} could not be parsed`],
  ['semgrep.exceeded-size-limit', (what: string) => `${what} is larger than 5 MB`],
  ['semgrep.timeout', (what: string) => `a rule did not end in time on ${what}`],
  ['semgrep.no-file-scanned', () => 'no file in the folder is in a language that a rule is about'],
])

export function unscannedText({what, reason}: Unscanned): string {
  const known = SENTENCES.get(reason)
  if (known !== undefined) return known(what)
  return Object.hasOwn(REASONS, reason) ? `${what}: ${meaning(reason)}` : `${what} was not looked at`
}

function meaning(code: string): string {
  const found = Object.entries(REASONS).find(([name]) => name === code)
  return found === undefined ? code : found[1].meaning
}

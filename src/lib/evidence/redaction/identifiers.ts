/**
 * Detectors for what names a patient or a provider, or reaches a person.
 *
 * Sources: SSA's rules for numbers that were never issued (areas 000, 666, 9xx,
 * group 00, serial 0000); CMS "Understanding the MBI" (11 characters by
 * position, letters without S L O I B Z); NPI check digit: Luhn over 80840 and
 * the number; DEA check digit. Numbers that look like any other number (NPI,
 * DEA, record and member numbers, dates) count only where their name stands
 * before them: one in ten Unix times would pass as an NPI.
 */
import {deaCheck, luhn} from './check-digits.ts'
import type {Rule} from './rule.ts'

const DASH = String.raw`[-\u2010-\u2013\u2212]`
const BEFORE = String.raw`(?<![A-Za-z0-9])(?<!\d[-.])`
const AFTER = String.raw`(?![A-Za-z0-9])(?![-.]\d)`
/** Between a name and its value: `MRN: `, `mrn="`, `MRN #`, `npi is `. */
const GAP = String.raw`["']?\.?\s{0,3}(?:(?:is|no\.?|number|num|id|value)\s{0,3})?[:=#>-]{0,2}\s{0,3}["']?`

const SSN_NAME = String.raw`(?:ssn|social[ _-]?security(?:[ _-]?(?:number|no|num))?)`
const NPI_NAME = String.raw`(?:npi|national[ _-]provider[ _-]id(?:entifier)?)`
const DEA_NAME = String.raw`dea(?:[ _-]?(?:number|no|num|registration))?`
const MRN_NAME = String.raw`(?:mrn|medical[ _-]?record(?:[ _-]?(?:number|no|num|id))?|patient[ _-]?(?:id(?:entifier)?|number|no|num)|chart[ _-]?(?:number|no|num|id))`
const MEMBER_NAME = String.raw`(?:member|subscriber|beneficiary|insurance|health[ _-]?plan|medicaid|hicn)[ _-]?(?:id(?:entifier)?|number|no|num)`
const DOB_NAME = String.raw`(?:dob|d\.o\.b\.|date[ _-]?of[ _-]?birth|birth[ _-]?date|birthday|born(?: on)?)`
const PHONE_NAME = String.raw`(?:tel(?:ephone)?|phone|mobile|cell|fax|call)`

const DATE = String.raw`(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{4}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2},? \d{4})`
const RECORD_NUMBER = String.raw`(?=[A-Za-z-]*\d[A-Za-z0-9-]*\d[A-Za-z0-9-]*\d)[A-Za-z0-9][A-Za-z0-9-]{3,24}`
const MBI = String.raw`[1-9][AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y][AC-HJKMNP-RT-Y0-9]\d-?[AC-HJKMNP-RT-Y]{2}\d{2}`

const named = (name: string, value: string) => new RegExp(String.raw`(?<![A-Za-z0-9])${name}${GAP}(?<value>${value})(?![A-Za-z0-9])`, 'dgi')
const label = (name: string, value: string) => ({name: new RegExp(`(?<![A-Za-z])${name}$`, 'i'), whole: new RegExp(`^${value}$`, 'i')})

export const IDENTIFIERS: readonly Rule[] = [
  // With the letter that the claim numbers of Medicare had before the MBI.
  {
    id: 'ssn',
    kind: 'identifier',
    pattern: new RegExp(String.raw`${BEFORE}\d{3}${DASH}\d{2}${DASH}\d{4}(?:[A-DTMW]\d?)?${AFTER}`, 'dg'),
    valid: isSsn,
    normal: digits,
  },
  {id: 'itin', kind: 'identifier', pattern: new RegExp(String.raw`${BEFORE}9\d{2}${DASH}\d{2}${DASH}\d{4}${AFTER}`, 'dg'), valid: isItin, normal: digits},
  {
    id: 'itin',
    kind: 'identifier',
    pattern: named('itin', String.raw`9\d{2}[ .]?\d{2}[ .]?\d{4}`),
    label: label('itin', String.raw`9\d{2}[^\d]?\d{2}[^\d]?\d{4}`),
    valid: isItin,
    normal: digits,
  },
  {
    id: 'ssn',
    kind: 'identifier',
    pattern: named(SSN_NAME, String.raw`\d{3}[ .]?\d{2}[ .]?\d{4}`),
    label: label(SSN_NAME, String.raw`\d{3}[^\d]?\d{2}[^\d]?\d{4}`),
    valid: isSsn,
    normal: digits,
  },
  {id: 'mbi', kind: 'identifier', pattern: new RegExp(`${BEFORE}${MBI}${AFTER}`, 'dg'), label: label('(?:mbi|medicare.*)', MBI), normal: letters},
  {id: 'npi', kind: 'identifier', pattern: named(NPI_NAME, String.raw`[12]\d{9}`), label: label(NPI_NAME, String.raw`[12]\d{9}`), valid: isNpi},
  {
    id: 'dea',
    kind: 'identifier',
    pattern: named(DEA_NAME, String.raw`[A-HJ-NP-UX][A-Z9]\d{7}`),
    label: label(DEA_NAME, String.raw`[A-HJ-NP-UX][A-Z9]\d{7}`),
    valid: deaCheck,
    normal: letters,
  },
  {id: 'mrn', kind: 'identifier', pattern: named(MRN_NAME, RECORD_NUMBER), label: label(MRN_NAME, RECORD_NUMBER), normal: letters},
  {id: 'member', kind: 'identifier', pattern: named(MEMBER_NAME, RECORD_NUMBER), label: label(MEMBER_NAME, RECORD_NUMBER), normal: letters},
  {id: 'birth-date', kind: 'identifier', pattern: named(DOB_NAME, DATE), label: label(DOB_NAME, `${DATE}.{0,16}`)},
  {
    id: 'patient-name',
    kind: 'identifier',
    pattern: /(?<![A-Za-z])[Pp]atient(?:[ _-]?(?:full)?[ _-]?[Nn]ame)["']?\s{0,3}[:=]\s{0,3}["']?(?<value>[A-Z][\p{L}'’.-]+(?:,? [A-Z][\p{L}'’.-]*){0,3})/dgu,
    label: {name: /patient[ _-]?(?:full|first|last|middle|given|family)?[ _-]?name$/i, whole: /^.{1,256}$/},
    normal: (value) => value.toLowerCase(),
  },
  {
    id: 'email',
    kind: 'contact',
    pattern:
      /(?<![A-Za-z0-9._%+/-])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}@(?<!:\/\/[^\s/]{1,320}@)(?<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9@-])(?!\.\w)(?!:)/dg,
    valid: isEmail,
    normal: (value) => value.toLowerCase(),
  },
  {
    id: 'phone',
    kind: 'contact',
    pattern: new RegExp(String.raw`(?<![\w.-])(?:\+?1[-. ]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}-)[2-9]\d{2}-\d{4}(?![\w-])(?!\.\d)`, 'dg'),
    normal: nationalNumber,
  },
  {
    id: 'phone',
    kind: 'contact',
    // As E.164 writes the rest of the world, in groups.
    pattern: /(?<![\w.+-])\+[2-9]\d{0,2}[ .-]\(?\d{1,4}\)?(?:[ .-]\d{2,4}){1,4}(?![\w-])(?!\.\d)/dg,
    valid: (value) => digits(value).length >= 9 && digits(value).length <= 15,
    normal: digits,
  },
  {
    id: 'phone',
    kind: 'contact',
    pattern: named(PHONE_NAME, String.raw`(?:\+?1[-. ]?)?[2-9]\d{2}[-. ]?[2-9]\d{2}[-. ]?\d{4}`),
    label: label(`(?:${PHONE_NAME})(?:[ _-]?(?:number|no|num))?`, String.raw`\+?[\d(][-\d. ()]{8,22}`),
    normal: nationalNumber,
  },
]

function isSsn(value: string): boolean {
  const number = digits(value).slice(0, 9)
  return !/^(?:000|666|9)/.test(number) && number.slice(3, 5) !== '00' && number.slice(5) !== '0000'
}

/** An Individual Taxpayer Identification Number: IRS Publication 1915 names the groups that are in use. */
function isItin(value: string): boolean {
  const group = Number(digits(value).slice(3, 5))
  return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) || (group >= 90 && group <= 99 && group !== 93)
}

function isNpi(value: string): boolean {
  return luhn(`80840${value}`)
}

/** Not a package at a version, a unit of systemd, an icon at double size, or git's own login. */
function isEmail(value: string): boolean {
  const at = value.indexOf('@')
  const domain = value.slice(at + 1)
  if (value.slice(0, at) === 'git' || /^v?\d+\.\d/.test(domain)) return false
  return !/\.(?:tgz|tar|gz|bz2|xz|zst|zip|jar|war|whl|rpm|deb|apk|gem|crate|exe|dll|so|js|mjs|cjs|ts|tsx|jsx|json|jsonl|yaml|yml|toml|xml|html|css|map|md|txt|log|py|rb|rs|go|java|class|php|sh|png|jpg|jpeg|gif|svg|ico|webp|service|socket|timer|mount|target|slice|conf|cfg|ini|lock|pem|crt|key|pub|local|internal|invalid)$/i.test(
    domain,
  )
}

function digits(value: string): string {
  return value.replaceAll(/\D/g, '')
}

function letters(value: string): string {
  return value.replaceAll(/[^A-Za-z0-9]/g, '').toUpperCase()
}

function nationalNumber(value: string): string {
  const number = digits(value)
  return number.length === 11 && number.startsWith('1') ? number.slice(1) : number
}

/**
 * Detectors for what pays: cards and bank accounts, which HIPAA lists as account numbers (45 CFR 164.514(b)(2)(i)(J)).
 *
 * Sources: ISO/IEC 7812 (Luhn; the ranges that the schemes publish), ISO 13616
 * (length by country, remainder by 97). A card counts by itself; one in forty
 * of the random numbers of sixteen digits would, and no time of this century in any unit.
 */
import {luhn, mod97} from './check-digits.ts'
import type {Rule} from './rule.ts'

const BEFORE = String.raw`(?<![A-Za-z0-9])(?<!\d[-.])`
const AFTER = String.raw`(?![A-Za-z0-9])(?![-.]\d)`
/** Four times four; 4-6-5 and 4-6-4 as American Express and Diners print them. */
const CARD = String.raw`(?:[2-6]\d{3}(?:[ -]?\d{4}){3}|3\d{3}[ -]?\d{6}[ -]?\d{4,5})`
const CARD_NAME = String.raw`(?:(?:credit|debit|payment|bank)?[ _-]?card[ _-]?(?:number|num|no)?|pan|cc[ _-]?(?:number|num|no))`

const IBAN_LENGTHS =
  'AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 QA29 RO24 RS22 SA24 SE24 SI19 SK24 SM27 TN24 TR26 UA29 VA22 VG24 XK20'
const LENGTH_OF = new Map(IBAN_LENGTHS.split(' ').map((entry) => [entry.slice(0, 2), Number(entry.slice(2))]))

export const ACCOUNTS: readonly Rule[] = [
  {
    id: 'card',
    kind: 'identifier',
    pattern: new RegExp(`${BEFORE}${CARD}${AFTER}`, 'dg'),
    label: {name: new RegExp(`(?<![A-Za-z])${CARD_NAME}$`, 'i'), whole: /^\d(?:[ .-]?\d){12,18}$/},
    valid: isCard,
    normal: digits,
  },
  {
    id: 'iban',
    kind: 'identifier',
    pattern: new RegExp(String.raw`(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?(?![A-Za-z0-9])`, 'dg'),
    valid: isIban,
    normal: (value) => value.replaceAll(' ', ''),
  },
]

function digits(value: string): string {
  return value.replaceAll(/\D/g, '')
}

function isCard(value: string): boolean {
  const number = digits(value)
  return isIssued(number) && luhn(number)
}

/** Visa, Mastercard, Discover, UnionPay, JCB at sixteen digits; American Express at fifteen; Diners at fourteen. */
function isIssued(number: string): boolean {
  if (number.length === 15) return /^3[47]/.test(number)
  if (number.length === 14) return /^3(?:0[0-5]|[689])/.test(number)
  if (number.length !== 16) return false
  const four = Number(number.slice(0, 4))
  return /^(?:4|5[1-5]|6011|64[4-9]|65|62)/.test(number) || (four >= 2221 && four <= 2720) || (four >= 3528 && four <= 3589)
}

function isIban(value: string): boolean {
  const iban = value.replaceAll(' ', '')
  return LENGTH_OF.get(iban.slice(0, 2)) === iban.length && mod97(iban)
}

/**
 * Identifiers of persons and of what pays, made up with the right check digits. Areas, groups and ranges are such that
 * could have been issued, the numbers are out of the air: nobody's on purpose, as in any test of such a detector.
 */
import type {Maker} from './made-up.ts'

export interface PhiForm {
  readonly rule: string
  /** VALUE is where it goes; undefined stands for the value alone. */
  readonly context?: string
  readonly make: (maker: Maker) => string
}

const SEPARATORS = ['-', '\u2010', '\u2011', '\u2012', '\u2013', '\u2014', '\u2212', '\uFE58', '\uFF0D']

/** The check digit that makes `number` right. */
function luhnDigit(number: string): string {
  const sum = Array.from(number, Number)
    .toReversed()
    .reduce((total, digit, index) => total + (index % 2 === 1 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2), 0)
  return String((10 - (sum % 10)) % 10)
}

const ssn = (made: Maker, separator: string) => [String(100 + made.below(500)), String(10 + made.below(89)), String(1000 + made.below(8999))].join(separator)
const itin = (made: Maker, separator: string) => [`9${made.fill('{d2}')}`, String(70 + made.below(18)), made.fill('{d4}')].join(separator)
const npi = (made: Maker) => {
  const number = `1${made.fill('{d8}')}`
  return `${number}${luhnDigit(`80840${number}`)}`
}
const mbi = (made: Maker, separator: string) => {
  const letter = () => 'ACDEFGHJKMNPQRTUVWXY'[made.below(20)] ?? 'A'
  return [
    `${1 + made.below(9)}${letter()}${letter()}${made.below(10)}`,
    `${letter()}${letter()}${made.below(10)}`,
    `${letter()}${letter()}${made.fill('{d2}')}`,
  ].join(separator)
}
const dea = (made: Maker) => {
  const digits = Array.from(made.fill('{d6}'), Number)
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = digits
  return `B${'ABCDEFGH'[made.below(8)]}${digits.join('')}${(a + c + e + 2 * (b + d + f)) % 10}`
}
const card = (made: Maker, prefix: string, length: number, separator: string) => {
  const number = `${prefix}${made.fill(`{d${length - prefix.length - 1}}`)}`
  const whole = `${number}${luhnDigit(number)}`
  return (length === 16 ? (whole.match(/\d{4}/g) ?? []) : [whole.slice(0, 4), whole.slice(4, 10), whole.slice(10)]).join(separator)
}
const iban = (country: string, account: string, separator: string) => {
  const rest = Array.from(`${account}${country}00`).reduce((value, letter) => (value * (/\d/.test(letter) ? 10 : 100) + Number.parseInt(letter, 36)) % 97, 0)
  return (`${country}${String(98 - rest).padStart(2, '0')}${account}`.match(/.{1,4}/g) ?? []).join(separator)
}

export const PHI_FORMS: readonly PhiForm[] = [
  ...SEPARATORS.map((separator): PhiForm => ({rule: 'ssn', make: (made) => ssn(made, separator)})),
  ...SEPARATORS.slice(0, 3).map((separator): PhiForm => ({rule: 'itin', make: (made) => itin(made, separator)})),
  {rule: 'ssn', context: 'SSN: VALUE', make: (made) => ssn(made, '')},
  {rule: 'ssn', context: 'ssn=VALUE', make: (made) => ssn(made, '.')},
  {rule: 'ssn', context: 'social security number is VALUE', make: (made) => ssn(made, ' ')},
  {rule: 'ssn', context: '<ssn>VALUE</ssn>', make: (made) => ssn(made, '')},
  {rule: 'ssn', context: '<property name="ssn" value="VALUE"/>', make: (made) => ssn(made, '')},
  {rule: 'ssn', context: 'claim VALUE of part B', make: (made) => `${ssn(made, '-')}A`},
  {rule: 'itin', context: 'ITIN VALUE', make: (made) => itin(made, '')},
  {rule: 'mbi', make: (made) => mbi(made, '')},
  {rule: 'mbi', make: (made) => mbi(made, '-')},
  {rule: 'mbi', context: 'MBI VALUE', make: (made) => mbi(made, '\u2011')},
  {rule: 'npi', context: 'NPI: VALUE', make: npi},
  {rule: 'npi', context: 'provider_npi=VALUE', make: npi},
  {rule: 'npi', context: 'national provider identifier VALUE', make: npi},
  {rule: 'dea', context: 'DEA VALUE', make: dea},
  {rule: 'dea', context: 'dea_number="VALUE"', make: dea},
  ...['4', '51', '55', '2221', '2720', '6011', '65', '3530', '62'].flatMap((prefix): PhiForm[] => [
    {rule: 'card', make: (made) => card(made, prefix, 16, '')},
    {rule: 'card', make: (made) => card(made, prefix, 16, ' ')},
    {rule: 'card', context: 'paid with VALUE.', make: (made) => card(made, prefix, 16, '-')},
  ]),
  ...['34', '37'].flatMap((prefix): PhiForm[] => [
    {rule: 'card', make: (made) => card(made, prefix, 15, '')},
    {rule: 'card', make: (made) => card(made, prefix, 15, ' ')},
  ]),
  {rule: 'card', make: (made) => card(made, '36', 14, ' ')},
  {rule: 'iban', make: (made) => iban('DE', made.fill('{d18}'), ' ')},
  {rule: 'iban', make: (made) => iban('GB', made.fill('NWBK{d14}'), '')},
  {rule: 'iban', context: 'transfer to VALUE', make: (made) => iban('FR', made.fill('{d23}'), ' ')},
  {rule: 'mrn', context: 'MRN: VALUE', make: (made) => made.fill('{d8}')},
  {rule: 'mrn', context: 'mrn#VALUE', make: (made) => made.fill('{d7}')},
  {rule: 'mrn', context: 'patient_id=VALUE', make: (made) => made.fill('P{d7}')},
  {rule: 'mrn', context: 'medical record number VALUE', make: (made) => made.fill('{d3}-{d2}-{d3}')},
  {rule: 'mrn', context: 'chart no. VALUE', make: (made) => made.fill('{d8}')},
  {rule: 'member', context: 'member id: VALUE', make: (made) => made.fill('W{d9}')},
  {rule: 'member', context: 'subscriber_number=VALUE', make: (made) => made.fill('{d11}')},
  {rule: 'member', context: 'Medicaid ID VALUE', make: (made) => made.fill('{d8}')},
  {rule: 'birth-date', context: 'DOB: VALUE', make: (made) => `19${made.fill('{d2}')}-0${1 + made.below(9)}-1${made.below(9)}`},
  {rule: 'birth-date', context: 'date of birth VALUE', make: (made) => `0${1 + made.below(9)}/1${made.below(9)}/19${made.fill('{d2}')}`},
  {rule: 'birth-date', context: 'birthDate="VALUE"', make: (made) => `19${made.fill('{d2}')}-1${made.below(3)}-2${made.below(9)}`},
  {rule: 'patient-name', context: 'patient_name=VALUE', make: (made) => `Spe${made.fill('{l6}').toLowerCase()}`.replace('Spe', 'Specimen')},
  {rule: 'email', make: (made) => made.fill('{s9}@mail.example.org')},
  {rule: 'email', context: 'sent to VALUE by the job', make: (made) => made.fill('{s6}.{s5}+x@example.com')},
  {rule: 'phone', make: (made) => `(212) 555-01${made.fill('{d2}')}`},
  {rule: 'phone', make: (made) => `415-555-01${made.fill('{d2}')}`},
  {rule: 'phone', context: 'phone: VALUE', make: (made) => `31255501${made.fill('{d2}')}`},
  {rule: 'phone', make: (made) => `+44 20 7946 0${made.fill('{d3}')}`},
  {rule: 'home', context: '/home/VALUE/src/main.ts', make: (made) => made.fill('j{s7}')},
  {rule: 'home', context: String.raw`C:\Users\VALUE\src`, make: (made) => made.fill('j{s7}')},
]

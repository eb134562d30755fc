/** Check digits: what tells a number that was issued from one that only looks like it. */

/** ISO/IEC 7812-1, annex B. @param number digits only */
export function luhn(number: string): boolean {
  let sum = 0
  for (let index = 0; index < number.length; index++) {
    const digit = Number(number[number.length - 1 - index])
    const twice = digit * 2
    sum += index % 2 === 0 ? digit : twice > 9 ? twice - 9 : twice
  }
  return sum % 10 === 0
}

/** ISO 13616: country and check digits go to the end, letters count from 10, the rest of division by 97 is 1. @param iban without spaces */
export function mod97(iban: string): boolean {
  let rest = 0
  for (const letter of `${iban.slice(4)}${iban.slice(0, 4)}`) {
    const value = Number.parseInt(letter, 36)
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97
  }
  return rest === 1
}

/** A registration of the Drug Enforcement Administration: two letters, six digits, one check digit. */
export function deaCheck(value: string): boolean {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, check] = Array.from(value.slice(2), Number)
  return (a + c + e + 2 * (b + d + f)) % 10 === check
}

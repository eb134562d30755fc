/**
 * Who is who: the persons behind the names that forges, clouds and clusters use.
 *
 * Two names are one person only if the file says so, and a name that it does
 * not list is nobody: segregation of duties compares persons, never spellings.
 */
import {z} from 'zod'

/** The file that `identities` names: each person with the names they act under. */
export const PersonsFile = z.strictObject({
  version: z.literal(1),
  persons: z.array(
    z.strictObject({
      person: z.string().min(1).max(256),
      principals: z.array(z.strictObject({issuer: z.string().min(1).max(256), id: z.string().min(1).max(256)})).min(1),
    }),
  ),
})
export type PersonsFile = z.infer<typeof PersonsFile>

/** From `<issuer>\n<id>` to the person. */
export type Persons = ReadonlyMap<string, string>

/** @returns undefined, with the doubled name, where one name stands for two persons */
export function readPersons(file: PersonsFile): {readonly persons: Persons} | {readonly twice: string} {
  const persons = new Map<string, string>()
  for (const {person, principals} of file.persons) {
    for (const {issuer, id} of principals) {
      const key = keyOf({issuer, id})
      if ((persons.get(key) ?? person) !== person) return {twice: `${id} (${issuer})`}
      persons.set(key, person)
    }
  }
  return {persons}
}

/** The person that acts as `id` at `issuer`; undefined where nobody is known to. */
export function personOf(principal: {readonly issuer: string; readonly id: string}, persons: Persons | undefined): string | undefined {
  return persons?.get(keyOf(principal))
}

/** Mail addresses and logins are compared without regard to case: their issuers do. */
function keyOf({issuer, id}: {readonly issuer: string; readonly id: string}): string {
  return `${issuer.toLowerCase()}\n${id.toLowerCase()}`
}

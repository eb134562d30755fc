import assert from 'node:assert/strict'
import {personOf, PersonsFile, readPersons} from '../../../src/lib/policy/persons.ts'

const FILE = PersonsFile.parse({
  version: 1,
  persons: [
    {
      person: 'jo',
      principals: [
        {issuer: 'git', id: 'jo@clinic.example'},
        {issuer: 'https://forge.example', id: 'jo-login'},
      ],
    },
    {person: 'sam', principals: [{issuer: 'https://forge.example', id: 'sam'}]},
  ],
})

describe('persons', () => {
  const read = readPersons(FILE)
  const persons = 'persons' in read ? read.persons : new Map<string, string>()

  it('are found by any name they act under, whatever its case', () => {
    assert.equal(personOf({issuer: 'git', id: 'jo@clinic.example'}, persons), 'jo')
    assert.equal(personOf({issuer: 'https://forge.example', id: 'Jo-Login'}, persons), 'jo')
  })

  it('are nobody under a name that is not listed, or is listed with another issuer', () => {
    assert.equal(personOf({issuer: 'git', id: 'sam'}, persons), undefined)
    assert.equal(personOf({issuer: 'git', id: 'jo'}, persons), undefined)
    assert.equal(personOf({issuer: 'git', id: 'jo@clinic.example'}, undefined), undefined)
  })

  it('cannot share a name', () => {
    const shared = {version: 1 as const, persons: [...FILE.persons, {person: 'alex', principals: [{issuer: 'GIT', id: 'Jo@Clinic.example'}]}]}
    assert.deepEqual(readPersons(shared), {twice: 'Jo@Clinic.example (GIT)'})
  })

  it('may list a name twice for the same person', () => {
    assert.ok('persons' in readPersons({version: 1, persons: [...FILE.persons, ...FILE.persons]}))
  })
})

/** The examples of docs/policy.md and docs/admission.md are what the program takes. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {knownKeys} from '../src/lib/config/keys.ts'
import {readDocument} from '../src/lib/config/document.ts'
import {Config} from '../src/lib/config/schema.ts'
import {PersonsFile, readPersons} from '../src/lib/policy/persons.ts'

const [policy = '', persons = ''] = examplesOf('policy.md')
const [admission = ''] = examplesOf('admission.md')

function examplesOf(name: string): string[] {
  const page = readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8')
  return [...page.matchAll(/^```yaml\n(.*?)^```$/gms)].map(([, text = '']) => text)
}

function valueOf(text: string): unknown {
  const {value, faults} = readDocument(text)
  assert.deepEqual(faults, [])
  return value
}

describe('docs/policy.md', () => {
  it('has a policy that loads', () => {
    const {error} = Config.safeParse(valueOf(policy))
    assert.equal(error, undefined)
  })

  it('shows every key that an environment and its requirements can have', () => {
    const {environments} = Config.parse(valueOf(policy))
    const production = environments['production'] ?? {}
    assert.deepEqual(Object.keys(production).toSorted(), knownKeys(['environments', 'production']).toSorted())
    for (const name of knownKeys(['environments', 'production', 'requires']))
      assert.deepEqual(
        Object.keys(valueAt(production, ['requires', name])).toSorted(),
        knownKeys(['environments', 'production', 'requires', name]).toSorted(),
        name,
      )
  })

  it('has persons that load, each name of one person only', () => {
    assert.ok('persons' in readPersons(PersonsFile.parse(valueOf(persons))))
  })
})

describe('docs/admission.md', () => {
  it('has a policy that loads', () => {
    assert.equal(Config.safeParse(valueOf(admission)).error, undefined)
  })

  it('shows every key that admission can have', () => {
    const {admission: shown} = Config.parse(valueOf(admission))
    assert.deepEqual(Object.keys(shown ?? {}).toSorted(), knownKeys(['admission']).toSorted())
    assert.deepEqual(Object.keys(shown?.['break-glass'] ?? {}).toSorted(), knownKeys(['admission', 'break-glass']).toSorted())
  })
})

function valueAt(value: unknown, path: readonly string[]): object {
  const found = path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Object.getOwnPropertyDescriptor(inner, key)?.value : undefined),
    value,
  )
  return typeof found === 'object' && found !== null ? found : {}
}

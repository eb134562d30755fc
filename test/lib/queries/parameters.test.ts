import assert from 'node:assert/strict'
import {findQuestion, QUESTIONS} from '../../../src/lib/queries/catalogue.ts'
import {resolveParameters, type ParameterRequest} from '../../../src/lib/queries/parameters.ts'
import type {Question} from '../../../src/lib/queries/question.ts'

const NOW = new Date('2026-03-10T12:00:00.000Z')

function question(name: string): Question {
  const found = findQuestion(name)
  assert.ok(found)
  return found
}

const resolve = (name: string, request: ParameterRequest) => resolveParameters(question(name), request, NOW)

describe('resolveParameters', () => {
  it('gives every question all that its SQL names', () => {
    for (const each of QUESTIONS) {
      const needed = {component: 'x', run: 'x'}
      const request = Object.fromEntries(Object.entries(needed).filter(([name]) => each.required?.includes(name as 'run')))
      const {bound} = resolveParameters(each, request, NOW)
      for (const [, name] of each.sql.matchAll(/\$([a-z_]+)/g)) assert.ok(name !== undefined && name in bound, `${each.name}: ${name}`)
    }
  })

  it('shows what narrows the answer, absolute, and a default', () => {
    assert.deepEqual(resolve('unsigned-in-production', {since: '1d'}).shown, {
      from: '2026-03-09T12:00:00.000Z',
      to: '2026-03-10T12:00:00.000Z',
      environment: 'production',
    })
    assert.deepEqual(resolve('component', {component: 'a@1'}).shown, {component: 'a@1', to: '2026-03-10T12:00:00.000Z'})
    assert.deepEqual(resolve('run', {run: 'x'}).shown, {run: 'x'})
  })

  it('lets a default be replaced', () => assert.equal(resolve('unsigned-in-production', {environment: 'staging'}).bound['environment'], 'staging'))

  it('refuses a flag that the question would ignore', () => {
    assert.throws(() => resolve('deployments', {component: 'x'}), {code: 'usage.query', message: 'deployments takes no --component'})
    assert.throws(() => resolve('component', {component: 'x', since: '1d'}), {code: 'usage.query', message: /takes no --since \(it looks at one moment\)/})
    assert.throws(() => resolve('run', {run: 'x', system: 'y'}), {code: 'usage.query'})
  })

  it('refuses what is missing, no component, or too long to be recorded', () => {
    assert.throws(() => resolve('component', {}), {code: 'usage.query', message: 'component needs --component'})
    assert.throws(() => resolve('component', {component: 'name@'}), {code: 'usage.query'})
    assert.throws(() => resolve('component', {component: 'x'.repeat(257)}), {code: 'usage.flag'})
  })
})

describe('the catalogue', () => {
  it('has no name twice', () => {
    const names = QUESTIONS.flatMap(({name, aliases}) => [name, ...aliases])
    assert.equal(new Set(names).size, names.length)
  })

  it('says for every question what it does not prove, and on whose word it supports a control', () => {
    for (const {name, doesNotProve, controls, columns, example} of QUESTIONS) {
      assert.ok(doesNotProve.length > 0 && controls.length > 0, name)
      assert.equal(new Set(columns.map((column) => column.name)).size, columns.length, name)
      assert.ok(example.startsWith(`hipaa-ci query ${name} `), name)
      for (const {id, basis} of controls) if (id.startsWith('HIPAA')) assert.equal(basis, 'hipaa-ci-interpretation', `${name} ${id}`)
    }
  })

  it('never says that anything complies', () => {
    assert.doesNotMatch(JSON.stringify(QUESTIONS), /compl(y|ies|iant)/i)
  })

  it('explains every column that its SQL gives, and no other', () => {
    for (const {name, columns, sql} of QUESTIONS) for (const column of columns) assert.match(sql, new RegExp(`\\b${column.name}\\b`), `${name}.${column.name}`)
  })
})

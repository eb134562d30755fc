import assert from 'node:assert/strict'
import {advisoryGaps, type AdvisoryLimits} from '../../../src/lib/policy/advisories.ts'
import type {AdvisoryDatabase} from '../../../src/lib/ports/scanners.ts'

const now = new Date('2026-06-15T12:00:00.000Z')
const HOUR = 3_600_000
const ago = (hours: number) => new Date(now.getTime() - hours * HOUR).toISOString()

const fresh: AdvisoryDatabase = {
  folder: '/cache',
  vulnerabilities: {
    updatedAt: ago(1),
    sha256: 'a'.repeat(64),
    sources: ['data-source', 'debian 12', 'maven::GitHub Security Advisory Maven', 'npm::GitHub Security Advisory Npm'],
  },
  java: {updatedAt: ago(30), nextUpdate: ago(-42), rows: 9},
}
const aged = (hours: number): AdvisoryDatabase => ({
  ...fresh,
  vulnerabilities: {updatedAt: ago(hours), sha256: 'a'.repeat(64), sources: ['debian 12', 'npm::x', 'maven::x']},
})
const withJava = (java: Partial<NonNullable<AdvisoryDatabase['java']>>): AdvisoryDatabase => ({
  ...fresh,
  java: {updatedAt: ago(30), nextUpdate: ago(-42), rows: 9, ...java},
})

const gaps = (database: AdvisoryDatabase, more: Partial<AdvisoryLimits> = {}) =>
  advisoryGaps(database, {maxAge: 24 * HOUR, now, types: new Set(['npm', 'deb']), systems: [{family: 'debian', version: '12.11'}], ...more}).map(
    ({reason}) => reason,
  )
const java = {types: new Set(['maven'])}

describe('what the scanner knows', () => {
  it('is enough where it is there, fresh, and about what was scanned', () => {
    assert.deepEqual(gaps(fresh), [])
    assert.deepEqual(gaps(fresh, java), [])
  })

  it('is a gap where there is no database, or an empty one', () => {
    assert.deepEqual(gaps({folder: '/cache'}), ['scan.database-missing'])
    assert.deepEqual(gaps({...fresh, vulnerabilities: {updatedAt: ago(1), sha256: 'a'.repeat(64), sources: []}}), ['scan.database-missing'])
  })

  it('is a gap from the limit on, and where it comes from the future', () => {
    assert.deepEqual(gaps(aged(24)), [])
    assert.deepEqual(gaps(aged(24.01)), ['scan.database-stale'])
    assert.deepEqual(gaps(aged(-0.05)), [])
    assert.deepEqual(gaps(aged(-1)), ['scan.database-stale'])
    assert.deepEqual(gaps(aged(25), {maxAge: 26 * HOUR}), [])
  })

  it('is a gap for Java where the index is absent, empty or stale', () => {
    const {java: _none, ...without} = fresh
    assert.deepEqual(gaps(without, java), ['scan.java-database'])
    assert.deepEqual(gaps(withJava({rows: 0}), java), ['scan.java-database'])
    assert.deepEqual(gaps(withJava({updatedAt: ago(100), nextUpdate: ago(28)}), java), ['scan.java-database'])
    assert.deepEqual(gaps(withJava({updatedAt: ago(-1)}), java), ['scan.java-database'])
  })

  it('minds only an empty index where no archive was seen: an archive without coordinates is seen by nobody', () => {
    const {java: _none, ...without} = fresh
    assert.deepEqual(gaps(without), [])
    assert.deepEqual(gaps(withJava({updatedAt: ago(100), nextUpdate: ago(28)})), [])
    assert.deepEqual(gaps(withJava({rows: 0})), ['scan.java-database'])
  })

  it('is a gap for a language or a release that no source is about', () => {
    assert.deepEqual(gaps(fresh, {types: new Set(['npm', 'pypi', 'golang', 'generic'])}), ['scan.database-missing', 'scan.database-missing'])
    assert.deepEqual(gaps(fresh, {systems: [{family: 'debian', version: '13.1'}]}), ['scan.database-missing'])
    assert.deepEqual(gaps(fresh, {systems: [{family: 'alpine', version: '3.20.1'}]}), ['scan.database-missing'])
    assert.deepEqual(
      gaps(fresh, {
        systems: [
          {family: 'ubuntu', version: '24.04'},
          {family: 'rocky', version: '9.4'},
        ],
      }),
      ['scan.database-missing', 'scan.database-missing'],
    )
  })

  it('does not ask for sources whose names it does not know', () => {
    assert.deepEqual(
      gaps(fresh, {
        types: new Set(['apk', 'rpm']),
        systems: [
          {family: 'redhat', version: '9.4'},
          {family: 'alpine', version: '3.23.0_alpha20260101'},
        ],
      }),
      [],
    )
  })
})

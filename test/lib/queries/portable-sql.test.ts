import assert from 'node:assert/strict'
import {STREAMS} from '../../../src/lib/evidence/streams.ts'
import {TABLES} from '../../../src/lib/index/tables.ts'
import {QUESTIONS} from '../../../src/lib/queries/catalogue.ts'
import {COVERAGE, FAULTS, KNOWN_SCOPES, RUN_GAPS} from '../../../src/lib/queries/sql/coverage.ts'
import {faultsOf} from './portable-sql.ts'

const NAMES = new Set([...Object.keys(TABLES), ...Object.values(TABLES).flatMap((columns) => Object.keys(columns))])

describe('the SQL of the questions', () => {
  for (const {name, sql} of QUESTIONS) {
    it(`of ${name} keeps to what both engines do alike`, () => assert.deepEqual(faultsOf(sql, NAMES), []))
    it(`of ${name} has an order`, () => assert.match(sql, /\nORDER BY [^()]+$/))
  }
  for (const [name, sql] of Object.entries({COVERAGE, KNOWN_SCOPES, RUN_GAPS, FAULTS})) {
    it(`${name} keeps to what both engines do alike`, () => assert.deepEqual(faultsOf(sql, NAMES), []))
  }
})

describe('the streams that a question reads', () => {
  const OF: Readonly<Record<string, string>> = {
    sboms: 'sbom',
    components: 'sbom',
    scans: 'scan',
    findings: 'scan',
    gates: 'gate',
    signatures: 'signature',
    attestations: 'attestation',
    verifications: 'verification',
    approvals: 'approval',
    promotions: 'promotion',
    revocations: 'revocation',
    key_records: 'key',
    admissions: 'admission',
    canaries: 'canary',
    enforcements: 'enforcement',
    break_glass_records: 'break-glass',
    reconciliations: 'reconciliation',
    deployment_records: 'deployment',
    runs: 'run',
    run_jobs: 'run',
    query_records: 'query',
  }
  const NEUTRAL = ['records', 'subjects', 'faults', 'vanished']

  it('are known of every table', () => assert.deepEqual(Object.keys(TABLES).toSorted(), [...Object.keys(OF), ...NEUTRAL].toSorted()))

  for (const {name, sql, reads} of QUESTIONS)
    it(`are those of the tables that ${name} names`, () => {
      const tables = [...sql.matchAll(/\b(?:FROM|JOIN) ([a-z_]+)/g)].flatMap(([, table = '']) => OF[table] ?? [])
      const streams = [...sql.matchAll(/\bstream = '([a-z]+)'/g)].map(([, stream = '']) => stream)
      // All records of its run, of whatever stream.
      const expected = name === 'run' ? STREAMS : new Set([...tables, ...streams])
      assert.deepEqual([...reads].toSorted(), [...expected].toSorted())
    })
})

describe('the lint of the SQL', () => {
  const bad: Record<string, string> = {
    'a cast by colons': 'SELECT time::varchar FROM records',
    ILIKE: "SELECT time FROM records WHERE stream ILIKE 'x'",
    QUALIFY: 'SELECT time FROM records QUALIFY count(*) > 1',
    division: 'SELECT seq / 2 FROM records',
    'a decimal': 'SELECT 1.0 FROM records',
    'a final semicolon': 'SELECT time FROM records;',
    LIMIT: 'SELECT time FROM records LIMIT 3',
    'DISTINCT ON, by its bracket': 'SELECT DISTINCT ON (time) time FROM records',
    concat: 'SELECT concat(time, stream) FROM records',
    'a regular expression': "SELECT regexp_extract(time, 'x') FROM records",
    string_agg: "SELECT string_agg(time, ',') FROM records",
    'a date function': "SELECT date_trunc('day', time) FROM records",
    'varchar with a length': 'SELECT CAST(time AS varchar(10)) FROM records',
    'a parameter in the SELECT': 'SELECT $to FROM records',
    'a parameter in ON': 'SELECT a.time FROM records a JOIN records b ON b.time = $to',
    'a parameter in HAVING': 'SELECT max(time) FROM records GROUP BY stream HAVING max(time) > $to',
    EXCLUDE: 'SELECT * EXCLUDE (time) FROM records',
    'ANTI JOIN': 'SELECT a.time FROM records a ANTI JOIN runs b ON a.run_id = b.run_id',
    'a column that is not there': 'SELECT tiem FROM records',
  }
  for (const [name, sql] of Object.entries(bad)) it(`refuses ${name}`, () => assert.notDeepEqual(faultsOf(sql, NAMES), []))
})

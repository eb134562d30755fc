/** What the vulnerability scanner knows, and how old that is. */
import type {DoctorContext} from '../../ports/machine.ts'
import type {AdvisoryDatabase} from '../../ports/scanners.ts'
import {AppError} from '../../errors.ts'
import {missing, ok, warn, type Check} from './diagnosis.ts'

const UPDATE = 'hipaa-ci scan TARGET --update-db'
const HOUR = 3_600_000
/** The default of `gate.vulnerabilities.database-max-age`, for a faulty configuration. */
const DAY = 24 * HOUR

export async function checkAdvisories({config, now, probe}: DoctorContext): Promise<Check[]> {
  const databases = await probe.advisories()
  const limit = config instanceof AppError ? DAY : config.gate.vulnerabilities['database-max-age']
  return [vulnerabilities(databases, now(), limit), javaIndex(databases, now())]
}

function vulnerabilities({folder, vulnerabilities: database}: AdvisoryDatabase, now: Date, limit: number): Check {
  const name = 'trivy database'
  if (database === undefined) return missing(name, `there is none in ${folder}`, UPDATE, {folder})
  const age = now.getTime() - Date.parse(database.updatedAt)
  const facts = {folder, updatedAt: database.updatedAt, sha256: database.sha256, ageHours: Math.floor(age / HOUR)}
  if (age < 0) return warn(name, `is from ${database.updatedAt}, which is in the future`, 'Check the clock of this machine.', facts)
  if (age > limit) return warn(name, `is ${hours(age)} old, and ${hours(limit)} are allowed: a scan cannot pass with it`, UPDATE, facts)
  return ok(name, `${hours(age)} old, ${hours(limit)} are allowed`, facts)
}

function javaIndex({folder, java}: AdvisoryDatabase, now: Date): Check {
  const name = 'trivy java index'
  if (java === undefined) return warn(name, `there is none in ${folder}: an image with Java archives cannot pass`, UPDATE, {folder})
  const facts = {folder, updatedAt: java.updatedAt, nextUpdate: java.nextUpdate, rows: java.rows}
  if (java.rows === 0) return warn(name, 'is empty: an image with Java archives cannot pass', UPDATE, facts)
  if (Date.parse(java.nextUpdate) < now.getTime()) return warn(name, `was to be renewed on ${java.nextUpdate.slice(0, 10)}`, UPDATE, facts)
  return ok(name, `${java.rows} rows, good until ${java.nextUpdate.slice(0, 10)}`, facts)
}

function hours(ms: number): string {
  return ms < 48 * HOUR ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / DAY)} days`
}

/**
 * Writes a small offline Trivy cache from `toolchain/advisory-db/advisories.yaml`.
 *
 *     node scripts/write-advisory-db.ts FOLDER
 *     HIPAA_CI_TRIVY_CACHE=FOLDER hipaa-ci scan …
 *
 * `db/trivy.db` and `java-db/trivy-java.db` are the same bytes each time; only
 * the times in the two `metadata.json` are of now. An empty Java index would
 * satisfy Trivy and lose archives in silence, so this one has a row.
 */
import {spawnSync} from 'node:child_process'
import {mkdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import process from 'node:process'
import {DatabaseSync} from 'node:sqlite'
import {parse, stringify} from 'yaml'
import {builtTool} from './built-tool.ts'

const ADVISORIES = join(import.meta.dirname, '../toolchain/advisory-db/advisories.yaml')
const DAY = 86_400_000

/**
 * @param folder becomes what Trivy calls its cache folder; `db` and `java-db` in it are replaced
 * @param program the built `toolchain/advisory-db`
 */
export function writeAdvisoryDatabase(folder: string, program = builtTool('advisory-db')): void {
  writeAdvisories(program, join(folder, 'db'))
  writeJavaIndex(join(folder, 'java-db'))
}

/** One file a bucket: within one transaction bbolt lays buckets out in random order. */
function writeAdvisories(program: string, folder: string): void {
  const target = join(freshFolder(folder), 'trivy.db')
  const parts = join(freshFolder(`${folder}.parts`), 'part')
  const buckets: unknown = parse(readFileSync(ADVISORIES, 'utf8'))
  if (!Array.isArray(buckets)) throw new TypeError(`${ADVISORIES} is not a list of buckets`)
  const files = buckets.map((bucket: unknown, index) => {
    writeFileSync(`${parts}-${index}.yaml`, stringify([bucket]))
    return `${parts}-${index}.yaml`
  })
  const {status, stderr, error} = spawnSync(program, [...files, target], {encoding: 'utf8'})
  rmSync(`${folder}.parts`, {recursive: true})
  if (status !== 0) throw new Error(`${program} failed: ${error?.message ?? stderr}`)
  if (statSync(target).size === 0) throw new Error(`${program} wrote an empty database`)
  writeMetadata(folder, 2)
}

/** The tables of trivy-java-db, pkg/db/db.go, schema 1. */
function writeJavaIndex(folder: string): void {
  const database = new DatabaseSync(join(freshFolder(folder), 'trivy-java.db'))
  database.exec(`
    CREATE TABLE artifacts(id INTEGER PRIMARY KEY, group_id TEXT, artifact_id TEXT);
    CREATE TABLE indices(artifact_id INTEGER, version TEXT, sha1 BLOB, archive_type TEXT, foreign key (artifact_id) references artifacts(id));
    CREATE UNIQUE INDEX artifacts_idx ON artifacts(artifact_id, group_id);
    CREATE INDEX indices_artifact_idx ON indices(artifact_id);
    CREATE UNIQUE INDEX indices_sha1_idx ON indices(sha1);
    INSERT INTO artifacts VALUES(1, 'org.apache.logging.log4j', 'log4j-core');
    INSERT INTO indices VALUES(1, '2.14.1', x'0000000000000000000000000000000000000001', 'jar');
    INSERT INTO indices VALUES(1, '2.25.3', x'0000000000000000000000000000000000000002', 'jar');
  `)
  database.close()
  writeMetadata(folder, 1)
}

function writeMetadata(folder: string, version: number): void {
  const now = Date.now()
  const [updated, next] = [new Date(now).toISOString(), new Date(now + DAY).toISOString()]
  writeFileSync(join(folder, 'metadata.json'), `${JSON.stringify({Version: version, NextUpdate: next, UpdatedAt: updated, DownloadedAt: updated})}\n`)
}

function freshFolder(folder: string): string {
  rmSync(folder, {recursive: true, force: true})
  mkdirSync(folder, {recursive: true})
  return folder
}

if (import.meta.main) {
  const [folder] = process.argv.slice(2)
  if (folder === undefined || folder === '') {
    console.error('usage: node scripts/write-advisory-db.ts FOLDER')
    process.exitCode = 2
  } else {
    writeAdvisoryDatabase(folder)
  }
}

/**
 * The state of Trivy's databases on disk: how old, which bytes, and whether the index of Java archives holds anything.
 *
 * Layout as Trivy keeps it: `db/trivy.db`, `java-db/trivy-java.db`, each with
 * a `metadata.json`. What cannot be read counts as absent, so that the gate
 * cannot be passed with it.
 */
import {readFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {join, resolve} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {z} from 'zod'
import {AppError} from '../errors.ts'
import type {AdvisoryDatabase} from '../ports/scanners.ts'
import {bucketNames} from './bolt-buckets.ts'
import {rememberedSha256} from './remembered-digest.ts'

/**
 * `HIPAA_CI_TRIVY_CACHE`, else `hipaa-ci/trivy` in the user's cache folder.
 * @throws AppError `usage.empty`
 */
export function advisoryFolder(variable: (name: string) => string | undefined): string {
  const own = variable('HIPAA_CI_TRIVY_CACHE')
  if (own === '') throw new AppError('usage.empty', 'HIPAA_CI_TRIVY_CACHE is set, but empty', {fix: 'Give it a folder, or unset it.'})
  return own === undefined ? join(variable('XDG_CACHE_HOME') || join(homedir(), '.cache'), 'hipaa-ci', 'trivy') : resolve(own)
}

export async function readAdvisoryDatabase(folder: string): Promise<AdvisoryDatabase> {
  const [vulnerabilities, java] = await Promise.all([readVulnerabilities(join(folder, 'db')), readJava(join(folder, 'java-db'))])
  return {folder, ...(vulnerabilities !== undefined && {vulnerabilities}), ...(java !== undefined && {java})}
}

const Instant = z.iso.datetime({offset: true}).transform((text) => new Date(text).toISOString())
const Metadata = z.looseObject({UpdatedAt: Instant, NextUpdate: Instant})

async function readVulnerabilities(folder: string): Promise<AdvisoryDatabase['vulnerabilities']> {
  const file = join(folder, 'trivy.db')
  const [metadata, sources] = await Promise.all([readMetadata(folder), readSources(file)])
  if (metadata === undefined || sources === undefined) return undefined
  const sha256 = await rememberedSha256(file, `${file}.sha256.json`)
  return sha256 === undefined ? undefined : {updatedAt: metadata.UpdatedAt, sha256, sources}
}

async function readSources(file: string): Promise<string[] | undefined> {
  try {
    return await bucketNames(file)
  } catch {
    // Absent, torn, or something else: Trivy could not use it either.
    return undefined
  }
}

async function readJava(folder: string): Promise<AdvisoryDatabase['java']> {
  const metadata = await readMetadata(folder)
  return metadata === undefined ? undefined : {updatedAt: metadata.UpdatedAt, nextUpdate: metadata.NextUpdate, rows: countRows(join(folder, 'trivy-java.db'))}
}

async function readMetadata(folder: string): Promise<z.infer<typeof Metadata> | undefined> {
  try {
    return Metadata.parse(JSON.parse(await readFile(join(folder, 'metadata.json'), 'utf8')))
  } catch {
    // Whatever is wrong with it, the answer is the same: there is no database that can be relied on.
    return undefined
  }
}

/** The highest row number: counting the real index, which has millions of rows, would take longer than the scan. */
function countRows(file: string): number {
  try {
    const database = new DatabaseSync(file, {readOnly: true})
    try {
      const row = database.prepare('SELECT max(rowid) AS highest FROM indices').get()
      return typeof row?.['highest'] === 'number' ? row['highest'] : 0
    } finally {
      database.close()
    }
  } catch {
    // No such file, no such table, no database at all: nothing can be found in it.
    return 0
  }
}

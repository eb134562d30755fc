/**
 * The state of Trivy's databases on disk: how old, which bytes, and whether the index of Java archives holds anything.
 *
 * Layout as Trivy keeps it: `db/trivy.db`, `java-db/trivy-java.db`, each with
 * a `metadata.json`. What cannot be read counts as absent, so that the gate
 * cannot be passed with it.
 */
import {readFile} from 'node:fs/promises'
import {homedir} from 'node:os'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {z} from 'zod'
import type {AdvisoryDatabase} from '../ports.ts'
import {rememberedSha256} from './remembered-digest.ts'

/** `HIPAA_CI_TRIVY_CACHE`, else `hipaa-ci/trivy` in the user's cache folder. */
export function advisoryFolder(variable: (name: string) => string | undefined): string {
  return variable('HIPAA_CI_TRIVY_CACHE') ?? join(variable('XDG_CACHE_HOME') || join(homedir(), '.cache'), 'hipaa-ci', 'trivy')
}

export async function readAdvisoryDatabase(folder: string): Promise<AdvisoryDatabase> {
  const [vulnerabilities, java] = await Promise.all([readVulnerabilities(join(folder, 'db')), readJava(join(folder, 'java-db'))])
  return {folder, ...(vulnerabilities !== undefined && {vulnerabilities}), ...(java !== undefined && {java})}
}

const Instant = z.iso.datetime({offset: true}).transform((text) => new Date(text).toISOString())
const Metadata = z.looseObject({UpdatedAt: Instant, NextUpdate: Instant})

async function readVulnerabilities(folder: string): Promise<AdvisoryDatabase['vulnerabilities']> {
  const metadata = await readMetadata(folder)
  const sha256 = await rememberedSha256(join(folder, 'trivy.db'), join(folder, 'trivy.db.sha256.json'))
  return metadata === undefined || sha256 === undefined ? undefined : {updatedAt: metadata.UpdatedAt, sha256}
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

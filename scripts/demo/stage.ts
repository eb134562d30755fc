/** The demo's stage: a folder, an offline advisory database, a loopback registry, and three images of one small service. */
import {mkdirSync, rmSync, writeFileSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {startRegistry} from '../../test/registry.ts'
import {pushImage} from '../image/build-image.ts'
import {serviceImage} from '../image/service.ts'
import {writeAdvisoryDatabase} from '../write-advisory-db.ts'
import {commitSource} from './people.ts'

const ROOT = resolve(import.meta.dirname, '../..')

/** What the service is built from; the code scan reads it. */
const SOURCE = `import {createServer} from 'node:http'

createServer((_, response) => response.end('ok')).listen(8080)
`

export interface Stage {
  readonly folder: string
  readonly trivyCache: string | undefined
  /** `127.0.0.1:PORT/clinic/patient-api` */
  readonly repository: string
  /** Where images are promoted to. */
  readonly production: string
  /** Digests of the three versions, and of an image that nobody signs. */
  readonly images: Readonly<Record<'first' | 'vulnerable' | 'fixed' | 'unsigned', string>>
  stop(): Promise<void>
}

/** @param realDatabase use Trivy's own database, downloaded, in place of the small offline one */
export async function setStage(realDatabase: boolean): Promise<Stage> {
  const folder = join(ROOT, '.demo')
  rmSync(folder, {recursive: true, force: true})
  mkdirSync(join(folder, 'source'), {recursive: true})
  writeFileSync(join(folder, 'source', 'server.js'), SOURCE)
  const trivyCache = realDatabase ? undefined : join(folder, 'advisories')
  if (trivyCache !== undefined) writeAdvisoryDatabase(trivyCache)
  await commitSource(folder)
  const registry = await startRegistry()
  const repository = `${registry.host}/clinic/patient-api`
  const store = openRegistry(repository)
  const push = async (version: string, npm: Record<string, string>, log4j?: string) =>
    pushImage(store, serviceImage({version, npm, ...(log4j !== undefined && {log4j})}), version)
  const images = {
    first: await push('1.0.0', {lodash: '4.17.21'}),
    vulnerable: await push('1.1.0', {lodash: '4.17.21', minimist: '1.2.8'}, '2.14.1'),
    fixed: await push('1.1.1', {lodash: '4.17.21', minimist: '1.2.8'}, '2.25.3'),
    unsigned: await push('9.9.9', {lodash: '4.17.21'}),
  }
  return {folder, trivyCache, repository, production: `${registry.host}/production/patient-api`, images, stop: () => registry.stop()}
}

/** `scan --update-db` with the real Trivy, from a registry on this machine; and without one. */
import assert from 'node:assert/strict'
import {readFile, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {writeLayout} from '../../scripts/image/build-image.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import {tar, type FileMap} from '../../scripts/image/tar.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createScanWorkspace, type ScanWorkspace} from './scan-workspace.ts'

describe('scan --update-db', function () {
  this.timeout(180_000)
  let registry: TestRegistry
  let workspace: ScanWorkspace

  before(async () => {
    registry = await startRegistry()
    workspace = await createScanWorkspace(
      `tools: {trivy: {db-repository: "${registry.host}/mirror/trivy-db:2", java-db-repository: "${registry.host}/mirror/trivy-java-db:1"}}\n`,
    )
    await writeLayout(join(workspace.folder, 'app'), serviceImage({log4j: '2.14.1'}))
  })
  after(async () => {
    await registry.stop()
    await workspace.remove()
  })

  it('exits 3 where the database cannot be had, though an old one is there', async () => {
    // A fresh one is not downloaded again: Trivy asks when the next is due.
    const metadata = join(workspace.advisories, 'db', 'metadata.json')
    const fresh = await readFile(metadata, 'utf8')
    await writeFile(metadata, fresh.replaceAll(/"20\d\d-[^"]+"/g, '"2026-01-01T00:00:00Z"'))
    const {exitCode, json} = await workspace.cli(['scan', './app', '--update-db', '--json'])
    assert.equal(exitCode, 3)
    assert.match(JSON.stringify(json), /"scan\.database-download"/)
    await writeFile(metadata, fresh)
  })

  it('downloads both databases from the configured mirrors', async () => {
    await publish('db', 'trivy-db', '2', ['trivy.db', 'metadata.json'])
    await publish('javadb', 'trivy-java-db', '1', ['trivy-java.db', 'metadata.json'], 'java-db')
    await rm(workspace.advisories, {recursive: true})
    const result = await workspace.scan(['./app', '--update-db'])
    assert.equal(result.exitCode, 1)
    assert.deepEqual(
      result.reasons.map(({code}) => code),
      ['gate.failed'],
    )
  })

  /** As the authors of trivy-db publish it: an artifact with one archive. */
  async function publish(kind: string, name: string, tag: string, files: readonly string[], folder = kind): Promise<void> {
    const content: FileMap = Object.fromEntries(
      await Promise.all(files.map(async (file) => [file, await readFile(join(workspace.advisories, folder, file))] as const)),
    )
    const store = openRegistry(`${registry.host}/mirror/${name}`)
    const layer = await store.pushBlob(gzipSync(tar(content)))
    const config = await store.pushBlob(Buffer.from('{}'))
    const manifest = {
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {...config, mediaType: 'application/vnd.aquasec.trivy.config.v1+json'},
      layers: [
        {...layer, mediaType: `application/vnd.aquasec.trivy.${kind}.layer.v1.tar+gzip`, annotations: {'org.opencontainers.image.title': `${kind}.tar.gz`}},
      ],
    }
    await store.pushManifest(Buffer.from(JSON.stringify(manifest)), manifest.mediaType, tag)
  }
})

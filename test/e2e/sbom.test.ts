/** `sbom` with the real Syft, for every kind of target. */
import assert from 'node:assert/strict'
import {readFile, readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import {z} from 'zod'
import {pushImage, writeLayout} from '../../scripts/image/build-image.ts'
import {serviceImage, serviceIndex} from '../../scripts/image/service.ts'
import {tar} from '../../scripts/image/tar.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createScanWorkspace, type ScanWorkspace} from './scan-workspace.ts'

const SbomJson = z.looseObject({
  digest: z.string().optional(),
  packages: z.int(),
  types: z.array(z.object({type: z.string(), count: z.int()})),
  platforms: z.array(z.looseObject({platform: z.string(), digest: z.string().optional()})),
  files: z.array(z.string()),
  record: z.string(),
})
const Spdx = z.looseObject({
  spdxVersion: z.string(),
  name: z.string(),
  packages: z.array(z.looseObject({name: z.string(), versionInfo: z.string().optional()})),
})

/** Debian's four, the service itself, lodash, log4j. */
const TYPES = [
  {type: 'deb', count: 4},
  {type: 'npm', count: 2},
  {type: 'maven', count: 1},
]

describe('sbom, with the real Syft', function () {
  this.timeout(180_000)
  let registry: TestRegistry
  let workspace: ScanWorkspace
  const path = (...parts: string[]) => join(workspace.folder, ...parts)
  const service = serviceImage({log4j: '2.17.1'})

  before(async () => {
    registry = await startRegistry()
    workspace = await createScanWorkspace()
    await writeLayout(path('layout'), service)
  })
  after(async () => {
    await registry.stop()
    await workspace.remove()
  })

  async function sbom(...args: string[]): Promise<z.infer<typeof SbomJson>> {
    const {exitCode, json, stderr} = await workspace.cli(['sbom', ...args, '--json'])
    assert.equal(exitCode, 0, stderr)
    return SbomJson.parse(json)
  }
  const spdx = async (name: string) => Spdx.parse(JSON.parse(await readFile(path(name), 'utf8')))

  it('describes every platform of an index in a registry, each by its own digest', async () => {
    const repository = `${registry.host}/clinic/api`
    const index = serviceIndex({log4j: '2.17.1'})
    const digest = await pushImage(openRegistry(repository), index)
    const result = await sbom(`${repository}@${digest}`, '--out', 'api.spdx.json')
    assert.equal(result.digest, digest)
    assert.deepEqual(result.files, ['api.linux-amd64.spdx.json', 'api.linux-arm64.spdx.json'])
    for (const [number, file] of result.files.entries()) {
      const document = await spdx(file)
      assert.equal(document.spdxVersion, 'SPDX-2.3')
      assert.equal(document.name, repository)
      const root = document.packages.find(({name}) => name === repository)
      assert.equal(root?.versionInfo, index.children[number]?.descriptor.digest)
    }
  })

  it('describes a layout, by the repository that it stands for', async () => {
    const result = await sbom('./layout', '--repository', 'registry.example/clinic/api', '--out', 'layout.json')
    assert.equal(result.packages, 7)
    assert.deepEqual(result.types, TYPES)
    assert.ok(!(await readFile(path('layout.json'), 'utf8')).includes(workspace.folder), 'a path of this machine stands in the document')
  })

  it('describes an OCI archive and a Docker archive', async () => {
    const members = await readdir(path('layout'), {recursive: true, withFileTypes: true})
    const files = await Promise.all(
      members
        .filter((entry) => entry.isFile())
        .map(async ({parentPath, name}) => [join(parentPath, name).slice(path('layout').length + 1), await readFile(join(parentPath, name))] as const),
    )
    await workspace.write('oci.tar', tar(Object.fromEntries(files)))
    const oci = await sbom('oci.tar')
    assert.deepEqual([oci.digest, oci.types], [service.descriptor.digest, TYPES])

    const manifest = JSON.parse(Buffer.from(service.bytes).toString()) as {config: {digest: string}; layers: {digest: string}[]}
    const blob = (digest: string) => service.blobs.get(digest) ?? assert.fail(digest)
    const layers = manifest.layers.map(({digest}, index) => [`${index}/layer.tar`, gunzipSync(blob(digest))] as const)
    await workspace.write(
      'docker.tar',
      tar({
        'manifest.json': JSON.stringify([{Config: 'config.json', RepoTags: ['clinic/api:1'], Layers: layers.map(([name]) => name)}]),
        'config.json': blob(manifest.config.digest),
        ...Object.fromEntries(layers),
      }),
    )
    const docker = await sbom('docker.tar')
    assert.deepEqual([docker.digest, docker.types], [manifest.config.digest, TYPES])
  })

  it('describes a folder', async () => {
    await workspace.files({
      'source/package-lock.json':
        '{"name":"app","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"app","version":"1.0.0"},"node_modules/minimist":{"version":"1.2.8"}}}',
    })
    const result = await sbom('dir:source', '--out', 'source.json')
    assert.deepEqual(
      result.platforms.map(({platform}) => platform),
      ['unknown/unknown'],
    )
    assert.ok((await spdx('source.json')).packages.some(({name}) => name === 'minimist'))
  })

  it('keeps the document in the store, and refuses what it cannot do', async () => {
    const {record} = await sbom('./layout')
    const shown = await workspace.cli(['evidence', 'show', record, '--json'])
    assert.match(shown.stdout, /sbom\.linux-amd64\.spdx\.json/)
    const verified = await workspace.cli(['evidence', 'verify'])
    assert.equal(verified.exitCode, 0, verified.stdout)
    for (const [args, code] of [
      [['./layout', '--platform', 'linux/s390x'], 2],
      [['./absent'], 2],
      [['./layout', '--timeout', 'soon'], 2],
      [['./layout', '--out', ''], 2],
      [['./layout', '--out', 'no/such/folder.json'], 2],
      [[`127.0.0.1:1/clinic/api:1`], 4],
      [[`${registry.host}/clinic/none:1`], 6],
    ] as const) {
      const {exitCode} = await workspace.cli(['sbom', ...args])
      assert.equal(exitCode, code, args.join(' '))
    }
  })
})

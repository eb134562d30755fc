import assert from 'node:assert/strict'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {gzipSync} from 'node:zlib'
import {tar, type FileMap} from '../../../scripts/image/tar.ts'
import {digestOf} from '../../../src/lib/images/manifest.ts'
import {readDockerArchive} from '../../../src/lib/registry/docker-archive.ts'

const LAYER = tar({'etc/hello': 'hello'})

interface Parts {
  readonly layer?: Uint8Array
  readonly diffIds?: readonly string[]
  readonly config?: unknown
  readonly manifest?: unknown
  readonly files?: FileMap
}

function archive({layer = LAYER, diffIds = [digestOf(LAYER)], config, manifest, files = {}}: Parts = {}): Uint8Array {
  const configuration = JSON.stringify(config ?? {os: 'linux', architecture: 'arm64', variant: 'v8', rootfs: {type: 'layers', diff_ids: diffIds}})
  return tar({
    'manifest.json': JSON.stringify(manifest ?? [{Config: 'config.json', RepoTags: null, Layers: ['z/layer.tar']}]),
    'config.json': configuration,
    'z/layer.tar': layer,
    ...files,
  })
}

describe('readDockerArchive', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hipaa-ci-docker-'))
  })
  after(async () => rm(folder, {recursive: true}))

  async function read(bytes: Uint8Array) {
    const path = join(folder, 'image.tar')
    await writeFile(path, bytes)
    return readDockerArchive(path)
  }

  it('gives the digest of the configuration, and the platform', async () => {
    const config = JSON.stringify({os: 'linux', architecture: 'arm64', variant: 'v8', rootfs: {type: 'layers', diff_ids: [digestOf(LAYER)]}})
    assert.deepEqual(await read(archive()), {digest: digestOf(Buffer.from(config)), platform: 'linux/arm64/v8'})
  })

  it('accepts a layer that is compressed', async () => {
    assert.equal((await read(archive({layer: gzipSync(LAYER)}))).platform, 'linux/arm64/v8')
  })

  it('refuses a swapped layer, compressed or not', async () => {
    const other = tar({'etc/hello': 'other'})
    await assert.rejects(read(archive({layer: other})), {code: 'image.corrupt'})
    await assert.rejects(read(archive({layer: gzipSync(other)})), {code: 'image.corrupt'})
  })

  it('refuses a layer that is missing, or one too many', async () => {
    await assert.rejects(read(archive({manifest: [{Config: 'config.json', Layers: ['b/layer.tar']}]})), {code: 'image.corrupt'})
    await assert.rejects(read(archive({diffIds: []})), {code: 'image.corrupt'})
  })

  it('refuses several images, none, and what is no archive', async () => {
    const one = {Config: 'config.json', Layers: ['z/layer.tar']}
    await assert.rejects(read(archive({manifest: [one, one]})), {code: 'image.unsupported'})
    await assert.rejects(read(archive({manifest: []})), {code: 'image.unsupported'})
    await assert.rejects(read(archive({manifest: {}})), {code: 'image.unsupported'})
    await assert.rejects(read(archive({config: {os: 'linux'}})), {code: 'image.unsupported'})
    await assert.rejects(read(Buffer.from('no tar')), {code: 'image.unsupported'})
    await assert.rejects(readDockerArchive(join(folder, 'absent.tar')), {code: 'usage.target'})
  })

  it('refuses an archive that ends too early', async () => {
    const layer = tar({'etc/large': 'x'.repeat(50_000)})
    const whole = archive({layer, diffIds: [digestOf(layer)]})
    assert.equal((await read(whole)).platform, 'linux/arm64/v8')
    await assert.rejects(read(whole.subarray(0, 20_000)), {code: 'image.corrupt'})
  })
})

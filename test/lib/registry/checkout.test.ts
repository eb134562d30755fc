import assert from 'node:assert/strict'
import {existsSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {pushImage} from '../../../scripts/image/build-image.ts'
import {serviceIndex} from '../../../scripts/image/service.ts'
import {tar, type FileMap} from '../../../scripts/image/tar.ts'
import {AppError} from '../../../src/lib/errors.ts'
import {verifyImage} from '../../../src/lib/images/verify-image.ts'
import {checkOutImage, unpackArchive} from '../../../src/lib/registry/checkout.ts'
import {createLayout} from '../../../src/lib/registry/layout.ts'
import {probePath} from '../../../src/lib/registry/probe-path.ts'
import {attach} from './attach.ts'
import {scratchFolder} from './settings.ts'

/** An OCI archive of a layout folder, as `tar -C LAYOUT -cf` makes it. */
function archive(layout: string, extra: FileMap = {}): string {
  const names = readdirSync(layout, {recursive: true, encoding: 'utf8'}).filter((name) => statSync(join(layout, name)).isFile())
  const path = join(scratchFolder(), 'image.tar')
  writeFileSync(path, tar({...Object.fromEntries(names.map((name) => [name, readFileSync(join(layout, name))])), ...extra}))
  return path
}

describe('checking out an image for scanners', () => {
  it('gives one image in a folder that only we can read, and takes it away again', async () => {
    const source = await createLayout(join(scratchFolder(), 'layout'))
    const index = serviceIndex()
    const digest = await pushImage(source, index, 'v1')
    const [child] = index.children
    assert.ok(child)
    await attach(source, child.descriptor, 'note')
    const {path, store, remove} = await checkOutImage(source, child.descriptor.digest)
    assert.equal((await store.resolve('')).descriptor.digest, child.descriptor.digest)
    await assert.rejects(store.resolve(digest), {code: 'image.not-found'})
    assert.equal(statSync(path).mode & 0o777, 0o700)
    await remove()
    assert.equal(existsSync(path), false)
  })

  it('leaves nothing where a layer is not what it should be', async () => {
    const folder = join(scratchFolder(), 'layout')
    const source = await createLayout(folder)
    const digest = await pushImage(source, serviceIndex())
    const [child] = (await source.resolve(digest)).json.manifests ?? []
    const layer = (await source.resolve(child?.digest ?? '')).json.layers?.[0]
    writeFileSync(join(folder, 'blobs/sha256', layer?.digest.slice(7) ?? ''), 'other')
    const before = scratchLeft()
    await assert.rejects(checkOutImage(source, digest), {code: 'image.corrupt'})
    assert.deepEqual(scratchLeft(), before)
  })

  it('unpacks an OCI archive, and nothing in it that does not belong to a layout', async () => {
    const folder = join(scratchFolder(), 'layout')
    const digest = await pushImage(await createLayout(folder), serviceIndex(), 'v1')
    const path = archive(folder, {'../escaped': 'x', 'blobs/sha256/../../escaped': 'x', '/etc/escaped': 'x', 'bin/run': 'x'})
    assert.equal((await probePath(path)).kind, 'oci-archive')
    const unpacked = await unpackArchive(path)
    assert.equal((await unpacked.store.resolve('v1')).descriptor.digest, digest)
    await verifyImage(unpacked.store, digest)
    assert.deepEqual(readdirSync(unpacked.path).toSorted(), ['blobs', 'index.json', 'oci-layout'])
    await unpacked.remove()
  })

  it('a torn archive is corrupt or no layout, never half an image', async () => {
    const folder = join(scratchFolder(), 'layout')
    const digest = await pushImage(await createLayout(folder), serviceIndex())
    const whole = readFileSync(archive(folder))
    for (const length of [whole.byteLength - 2048, Math.floor(whole.byteLength / 2), 700, 0]) {
      const path = join(scratchFolder(), 'torn.tar')
      writeFileSync(path, whole.subarray(0, length))
      await assert.rejects(readImage(path, digest), (error) => {
        return error instanceof AppError && ['image.corrupt', 'usage.target', 'image.not-found'].includes(error.code)
      })
    }
  })
})

describe('probePath', () => {
  it('tells layouts, folders, archives and the rest apart', async () => {
    const folder = scratchFolder()
    await createLayout(join(folder, 'layout'))
    writeFileSync(join(folder, 'docker.tar'), tar({'manifest.json': '[]', 'a/layer.tar': 'x'}))
    writeFileSync(join(folder, 'both.tar'), tar({'manifest.json': '[]', 'oci-layout': '{}'}))
    writeFileSync(join(folder, 'other.tar'), tar({'a.txt': 'x'}))
    writeFileSync(join(folder, 'empty'), '')
    writeFileSync(join(folder, 'text'), 'x'.repeat(2000))
    const kinds = {
      layout: 'layout',
      '.': 'folder',
      'docker.tar': 'docker-archive',
      'both.tar': 'oci-archive',
      'other.tar': 'other-file',
      empty: 'other-file',
      text: 'other-file',
    }
    for (const [name, kind] of Object.entries({...kinds, gone: 'absent', 'text/below': 'absent', ['x'.repeat(5000)]: 'absent'})) {
      assert.deepEqual(await probePath(name, folder), {kind, path: name === '.' ? folder : join(folder, name)})
    }
  })
})

async function readImage(path: string, digest: string): Promise<void> {
  const {store, remove} = await unpackArchive(path)
  try {
    await verifyImage(store, digest)
  } finally {
    await remove()
  }
}

function scratchLeft(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('hipaa-ci-image-'))
}

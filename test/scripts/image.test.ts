/** The image builder: equal input gives equal digests, and what it writes can be read. */
import assert from 'node:assert/strict'
import {open, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {gunzipSync} from 'node:zlib'
import fc from 'fast-check'
import {buildImage} from '../../scripts/image/build-image.ts'
import {jar} from '../../scripts/image/jar.ts'
import {serviceImage, serviceIndex} from '../../scripts/image/service.ts'
import {tar, type FileMap} from '../../scripts/image/tar.ts'
import {digestOf} from '../../src/lib/images/manifest.ts'
import {tarMembers} from '../../src/lib/registry/tar-members.ts'
import {scratchFolder} from '../lib/registry/settings.ts'

describe('the image builder', () => {
  it('gives equal digests for equal input, and others for other input', () => {
    assert.equal(serviceIndex({log4j: '2.14.1'}).descriptor.digest, serviceIndex({log4j: '2.14.1'}).descriptor.digest)
    assert.notEqual(serviceImage().descriptor.digest, serviceImage({log4j: '2.14.1'}).descriptor.digest)
    const files = (order: string[]): FileMap => Object.fromEntries(order.map((name) => [name, name]))
    assert.deepEqual(tar(files(['b', 'a/x', 'a'])), tar(files(['a', 'b', 'a/x'])))
  })

  it('names layers by their uncompressed digest in the configuration', () => {
    const image = buildImage({platform: 'linux/arm/v7', layers: [{files: {'etc/x': 'y'}}], config: {User: '1'}})
    const [layer, config] = [...image.blobs.values()]
    assert.ok(layer && config)
    const read = JSON.parse(Buffer.from(config).toString()) as {os: string; architecture: string; variant: string; rootfs: {diff_ids: string[]}}
    assert.deepEqual([read.os, read.architecture, read.variant], ['linux', 'arm', 'v7'])
    assert.deepEqual(read.rootfs.diff_ids, [digestOf(gunzipSync(layer))])
  })

  it('writes tars whose members can be read back, short names and long ones', async () => {
    const component = fc.string({unit: fc.constantFrom('a', 'b', '.x', '-', '_'), minLength: 1, maxLength: 60}).filter((name) => !/^\.+$/.test(name))
    const path = join(scratchFolder(), 'x.tar')
    await fc.assert(
      fc.asyncProperty(fc.array(component, {minLength: 1, maxLength: 4}), fc.uint8Array({maxLength: 1200}), async (parts, content) => {
        const name = parts.join('/')
        await writeFile(path, tar({[name]: content}))
        await using file = await open(path)
        const members = []
        for await (const member of tarMembers(file)) members.push(member)
        const last = members.at(-1)
        assert.ok(last)
        // What fits in no ustar header stands in a pax record right before it.
        if (last.name !== name) assert.ok(name.startsWith(last.name) && members.at(-2)?.name === 'pax')
        assert.equal(last.size, content.byteLength)
        const {buffer} = await file.read(Buffer.alloc(content.byteLength), 0, content.byteLength, last.offset)
        assert.deepEqual(new Uint8Array(buffer), content)
      }),
      {numRuns: 50},
    )
  })

  it('makes a jar of a manifest and coordinates, with a directory at its end', () => {
    const bytes = Buffer.from(jar({group: 'g.h', artifact: 'a', version: '1.2'}))
    assert.equal(bytes.readUInt32LE(0), 0x04_03_4b_50)
    const end = bytes.byteLength - 22
    assert.equal(bytes.readUInt32LE(end), 0x06_05_4b_50)
    assert.equal(bytes.readUInt16LE(end + 10), 2)
    assert.equal(bytes.readUInt32LE(bytes.readUInt32LE(end + 16)), 0x02_01_4b_50)
    assert.match(bytes.toString('latin1'), /META-INF\/maven\/g\.h\/a\/pom\.propertiesversion=1\.2\ngroupId=g\.h\nartifactId=a\n/)
  })
})

import assert from 'node:assert/strict'
import {countByType, mergePackages, readSpdx} from '../../../src/lib/sbom/spdx.ts'
import {recording} from '../recording.ts'

const bytes = recording('syft@1.51.0/image.spdx.json')

describe('readSpdx', () => {
  it('lists the packages of a real document without the image itself', () => {
    const sbom = readSpdx(bytes)
    assert.equal(sbom.tool, 'syft-1.51.0')
    assert.equal(sbom.name, 'registry.example/fixture-app')
    assert.deepEqual(
      sbom.packages.map(({type, name, version, paths}) => [type, name, version, ...paths]),
      [
        ['npm', 'fixture-app', '1.0.0', 'app/package.json'],
        ['npm', 'lodash', '4.17.20', 'app/node_modules/lodash/package.json'],
        ['maven', 'log4j-core', '2.14.1', 'app/lib/log4j-core-2.14.1.jar'],
        ['deb', 'openssl', '3.0.9-1', 'var/lib/dpkg/status'],
      ],
    )
    assert.equal(sbom.packages[1]?.licence, 'MIT')
    assert.equal(sbom.packages[2]?.purl, 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1')
  })

  it('counts by type, most first', () => {
    assert.deepEqual(countByType(readSpdx(bytes).packages), [
      {type: 'npm', count: 2},
      {type: 'deb', count: 1},
      {type: 'maven', count: 1},
    ])
  })

  it('merges platforms, each package once', () => {
    const sbom = readSpdx(bytes)
    assert.equal(mergePackages([sbom, sbom]).length, 4)
  })

  it("names the package that owns another one's files", () => {
    const document = {
      spdxVersion: 'SPDX-2.3',
      SPDXID: 'SPDXRef-DOCUMENT',
      name: 'x',
      creationInfo: {created: '2026-01-01T00:00:00Z', creators: ['Tool: syft-1.51.0']},
      packages: [
        {
          SPDXID: 'SPDXRef-a',
          name: 'python3-yaml',
          versionInfo: '6.0-3',
          externalRefs: [{referenceType: 'purl', referenceLocator: 'pkg:deb/debian/python3-yaml@6.0-3'}],
        },
        {SPDXID: 'SPDXRef-b', name: 'PyYAML', versionInfo: '6.0', externalRefs: [{referenceType: 'purl', referenceLocator: 'pkg:pypi/pyyaml@6.0'}]},
        {SPDXID: 'SPDXRef-c', name: 'odd', externalRefs: [{referenceType: 'purl', referenceLocator: 'no purl'}]},
      ],
      relationships: [
        {spdxElementId: 'SPDXRef-a', relatedSpdxElement: 'SPDXRef-b', relationshipType: 'OTHER', comment: 'ownership-by-file-overlap: indicates …'},
      ],
    }
    const {packages} = readSpdx(Buffer.from(JSON.stringify(document)))
    assert.deepEqual(
      packages.map(({name, owner, type, version}) => [name, owner, type, version]),
      [
        ['python3-yaml', undefined, 'deb', '6.0-3'],
        ['PyYAML', 'python3-yaml', 'pypi', '6.0'],
        ['odd', undefined, 'unknown', ''],
      ],
    )
  })

  it('knows a system package without a package URL: of an image that does not say its distribution', () => {
    const {packages} = readSpdx(recording('syft@1.51.0/no-distribution.spdx.json'))
    assert.deepEqual(packages, [{name: 'openssl', version: '3.0.9-1', type: 'deb', paths: ['var/lib/dpkg/status']}])
  })

  it('refuses what is not SPDX 2.3 JSON', () => {
    for (const text of ['', '{', '[]', '{"spdxVersion":"SPDX-2.2"}', bytes.subarray(0, bytes.length / 2).toString()]) {
      assert.throws(() => readSpdx(Buffer.from(text)), {code: 'tool.output'})
    }
    assert.throws(() => readSpdx(Buffer.from([0xff, 0xfe])), {code: 'tool.output'})
  })
})

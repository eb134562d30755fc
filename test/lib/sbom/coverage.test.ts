import assert from 'node:assert/strict'
import {coverage, type ScannedPackage} from '../../../src/lib/sbom/coverage.ts'
import {readSpdx, type SbomPackage} from '../../../src/lib/sbom/spdx.ts'
import {readTrivyReport} from '../../../src/lib/tools/trivy-report.ts'
import {recording} from '../recording.ts'

const described = (purl: string, more: Partial<SbomPackage> = {}): SbomPackage => ({...parts(purl), paths: [], ...more})
const scanned = (purl: string, more: Partial<ScannedPackage> = {}): ScannedPackage => ({...parts(purl), thirdParty: false, ...more})

function parts(purl: string): {purl: string; type: string; name: string; version: string} {
  const [, type = '', path = '', version = ''] = /^pkg:([^/]+)\/([^@?]+)@?([^?]*)/.exec(purl) ?? []
  return {purl, type, name: path.split('/').at(-1) ?? '', version: decodeURIComponent(version)}
}

const unscanned = (...args: Parameters<typeof coverage>) => coverage(...args).unscanned.map(({what, reason}) => `${reason} ${what}`)

describe('coverage', () => {
  it('finds no gap where both tools saw the same image', () => {
    const sbom = readSpdx(recording('syft@1.51.0/image.spdx.json'))
    const report = readTrivyReport(recording('trivy@0.74.0/image.json'), '')
    assert.deepEqual(coverage(sbom.packages, report.packages), {unscanned: [], uncovered: []})
  })

  it('names system packages that the scanner lost as one gap', () => {
    const sbom = readSpdx(recording('syft@1.51.0/image.spdx.json'))
    const report = readTrivyReport(recording('trivy@0.74.0/image.json'), '')
    const lost = report.packages.filter(({type}) => type !== 'deb')
    assert.deepEqual(unscanned(sbom.packages, lost), ['trivy.system-packages-lost 1 deb package'])
  })

  it('names a single package that is missing among others of its type', () => {
    assert.deepEqual(unscanned([described('pkg:npm/a@1'), described('pkg:npm/b@2')], [scanned('pkg:npm/a@1')]), ['trivy.package-lost b@2'])
  })

  it('takes another version for another package', () => {
    assert.deepEqual(unscanned([described('pkg:npm/a@1')], [scanned('pkg:npm/a@2')]), ['trivy.package-lost a@1'])
  })

  it('knows one package under two spellings', () => {
    const same: readonly [string, string][] = [
      ['pkg:deb/debian/util-linux@1%3A2.38-5?arch=amd64', 'pkg:deb/debian/util-linux@2.38-5?arch=amd64&epoch=1'],
      ['pkg:pypi/Ruamel_Yaml@1', 'pkg:pypi/ruamel.yaml@1'],
      ['pkg:golang/stdlib@1.22.1', 'pkg:golang/stdlib@v1.22.1'],
      ['pkg:rpm/rhel/openssl@3.0-1', 'pkg:rpm/redhat/openssl@3.0-1'],
    ]
    for (const [ours, theirs] of same) assert.deepEqual(unscanned([described(ours)], [scanned(theirs)]), [], ours)
  })

  it('lets one file be called by two names, but not hide a second package', () => {
    const jar = {paths: ['app/a.jar']}
    const seen = [scanned('pkg:maven/org.x/a@1', {path: 'app/a.jar'})]
    assert.deepEqual(unscanned([described('pkg:maven/guessed/a@1', jar)], seen), [])
    assert.deepEqual(unscanned([described('pkg:maven/guessed/a@1', jar), described('pkg:maven/shaded/b@1', jar)], seen), ['trivy.package-lost b@1'])
    assert.deepEqual(unscanned([described('pkg:maven/guessed/a@1', {paths: ['app/other.jar']})], seen), ['trivy.package-lost a@1'])
  })

  it('finds an archive inside an archive by the outer one', () => {
    const inner = scanned('pkg:maven/org.x/a@1', {path: 'app/outer.jar/BOOT-INF/lib/a.jar'})
    assert.deepEqual(unscanned([described('pkg:maven/guessed/a@1', {paths: ['app/outer.jar']})], [inner]), [])
  })

  it("leaves what a system package installed to that package's advisories, if those were looked up", () => {
    const yaml = described('pkg:pypi/pyyaml@6.0', {owner: 'python3-yaml'})
    const owner = described('pkg:deb/debian/python3-yaml@6.0-3')
    assert.deepEqual(unscanned([yaml, owner], [scanned('pkg:deb/debian/python3-yaml@6.0-3')]), [])
    assert.deepEqual(unscanned([yaml, owner], []), ['trivy.system-packages-lost 1 deb package', 'trivy.packages-lost 1 pypi package'])
  })

  it('counts what nobody has advisories for apart', () => {
    const {unscanned: gaps, uncovered} = coverage(
      [
        described('pkg:generic/busybox@1'),
        described('pkg:github/actions/checkout@v4'),
        described('pkg:rpm/rhel/gpg-pubkey@1'),
        described('pkg:deb/debian/docker-ce@1'),
      ],
      [scanned('pkg:deb/debian/docker-ce@1', {thirdParty: true})],
    )
    assert.deepEqual(gaps, [])
    assert.deepEqual(uncovered, [
      {type: 'deb, third-party repository', count: 1},
      {type: 'generic', count: 1},
      {type: 'github', count: 1},
    ])
  })
})

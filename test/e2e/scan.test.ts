/** `scan` with the real Trivy, Syft and Semgrep. */
import assert from 'node:assert/strict'
import {readFile, readdir, rm, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import process from 'node:process'
import {gunzipSync} from 'node:zlib'
import {buildImage, buildIndex, pushImage, writeLayout} from '../../scripts/image/build-image.ts'
import {jar} from '../../scripts/image/jar.ts'
import {serviceImage, serviceIndex} from '../../scripts/image/service.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {startRegistry, type TestRegistry} from '../registry.ts'
import {createScanWorkspace, ids, unscanned, type ScanWorkspace} from './scan-workspace.ts'

describe('scan, with the real tools', function () {
  this.timeout(180_000)
  let registry: TestRegistry
  let workspace: ScanWorkspace

  before(async () => {
    registry = await startRegistry()
    workspace = await createScanWorkspace()
  })
  after(async () => {
    await registry.stop()
    await workspace.remove()
  })

  it('stops a vulnerable image in a registry, names the fix, and records it', async () => {
    const repository = `${registry.host}/clinic/vulnerable`
    const digest = await pushImage(openRegistry(repository), serviceImage({log4j: '2.14.1', npm: {lodash: '4.17.20'}}), 'v1')
    const result = await workspace.scan([`${repository}:v1`])
    assert.equal(result.exitCode, 1)
    assert.equal(result.digest, digest)
    assert.deepEqual(ids(result), ['CVE-2020-28500', 'CVE-2021-23337', 'CVE-2021-44228', 'CVE-2021-44832', 'CVE-2021-45046'])
    const log4shell = result.stopping.find(({id}) => id === 'CVE-2021-44228')
    assert.deepEqual(
      [log4shell?.severity, log4shell?.fixed_version, log4shell?.location?.path],
      ['critical', '2.15.0, 2.12.2, 2.3.1', 'app/lib/log4j-core-2.14.1.jar'],
    )
    assert.deepEqual(unscanned(result), [])
    const {stdout} = await workspace.cli(['evidence', 'ls', '--json'])
    assert.equal(stdout.match(/"stream": "scan"/g)?.length, 3)
    assert.equal(stdout.match(/"stream": "gate"/g)?.length, 1)
  })

  it('lets a clean index of two platforms pass', async () => {
    const repository = `${registry.host}/clinic/clean`
    const digest = await pushImage(openRegistry(repository), serviceIndex())
    const result = await workspace.scan([`${repository}@${digest}`])
    assert.deepEqual([result.exitCode, result.decision, unscanned(result)], [0, 'pass', []])
    assert.deepEqual(
      result.platforms.map(({platform}) => platform),
      ['linux/amd64', 'linux/arm64'],
    )
  })

  it('finds what only the second platform has', async () => {
    const layout = join(workspace.folder, 'second')
    await writeLayout(layout, buildIndex([serviceImage(), serviceImage({platform: 'linux/arm64', log4j: '2.14.1'})]))
    const result = await workspace.scan(['./second'])
    assert.equal(result.exitCode, 1)
    assert.ok(ids(result).includes('CVE-2021-44228'))
  })

  it('prints a table for people, with the same exit code', async () => {
    await writeLayout(join(workspace.folder, 'table'), serviceImage({log4j: '2.14.1'}))
    const {exitCode, stdout, stderr} = await workspace.cli(['scan', './table'])
    assert.equal(exitCode, 1)
    assert.match(stdout, /^✖ fail {2}above the limits\n/)
    assert.match(stdout, /critical +CVE-2021-44228/)
    assert.match(stderr, /› Scanning \.\/table linux\/amd64/)
  })

  it('exits 3 without Trivy, and says what to type', async () => {
    await writeLayout(join(workspace.folder, 'without'), serviceImage({log4j: '2.14.1'}))
    const env = {PATH: join(process.execPath, '..'), HIPAA_CI_CACHE: join(workspace.folder, 'no-tools')}
    const result = await workspace.scan(['./without'], env)
    assert.equal(result.exitCode, 3)
    assert.ok(result.problems.some(({tool, code}) => tool === 'trivy' && code === 'tool.missing'))
  })

  it('exits 3 with a database older than the limit, or none', async () => {
    await writeLayout(join(workspace.folder, 'stale'), serviceImage())
    const metadata = join(workspace.advisories, 'db', 'metadata.json')
    const text = await readFile(metadata, 'utf8')
    try {
      await writeFile(metadata, text.replace(/"UpdatedAt":"[^"]+"/, '"UpdatedAt":"2026-01-01T00:00:00Z"'))
      const stale = await workspace.scan(['./stale'])
      assert.deepEqual([stale.exitCode, stale.reasons.map(({code}) => code)], [3, ['scan.database-stale']])
    } finally {
      await writeFile(metadata, text)
    }
    const none = await workspace.scan(['./stale'], {HIPAA_CI_TRIVY_CACHE: join(workspace.folder, 'no-database')})
    assert.deepEqual([none.exitCode, none.reasons.map(({code}) => code)], [3, ['scan.database-missing']])
  })

  it('finds a secret among the tests of the image and in its variables, and stores neither', async () => {
    // In two parts, so that no scanner takes this file for a leak.
    const token = ['ghp', 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dE3fG5'].join('_')
    await writeLayout(
      join(workspace.folder, 'secret'),
      buildImage({
        platform: 'linux/amd64',
        layers: [{files: {'app/tests/config.env': `GITHUB_TOKEN=${token}\n`}}],
        config: {User: '1000', Env: [`TOKEN=${token}`]},
      }),
    )
    const result = await workspace.scan(['./secret'])
    assert.equal(result.exitCode, 1)
    assert.deepEqual(result.stopping.map(({location}) => location?.path).toSorted(), ['app/tests/config.env', 'image-config'])
    for (const bytes of await storedObjects(workspace)) assert.ok(!bytes.includes(token), 'the secret is in the store')
  })

  it('is not steered by files of the working folder', async () => {
    await writeLayout(join(workspace.folder, 'steered'), serviceImage({log4j: '2.14.1'}))
    await workspace.files({
      '.trivyignore': 'CVE-2021-44228\nCVE-2021-45046\nCVE-2021-44832\n',
      'trivy.yaml': 'severity: LOW\nscan:\n  skip-dirs: ["**"]\n',
      '.syft.yaml': 'exclude: ["**"]\n',
    })
    try {
      const result = await workspace.scan(['./steered'])
      assert.equal(result.exitCode, 1)
      assert.deepEqual(unscanned(result), [])
    } finally {
      for (const name of ['.trivyignore', 'trivy.yaml', '.syft.yaml']) await rm(join(workspace.folder, name))
    }
  })

  it('scans a folder by its lock files and its archives', async () => {
    await workspace.files({
      'folder/package.json': '{"name":"app","version":"1.0.0","dependencies":{"minimist":"1.2.5"}}',
      'folder/package-lock.json':
        '{"name":"app","version":"1.0.0","lockfileVersion":3,"packages":{"":{"name":"app","version":"1.0.0","dependencies":{"minimist":"1.2.5"}},"node_modules/minimist":{"version":"1.2.5"}}}',
      'folder/lib/log4j-core-2.14.1.jar': jar({group: 'org.apache.logging.log4j', artifact: 'log4j-core', version: '2.14.1'}),
    })
    const result = await workspace.scan(['./folder'])
    assert.equal(result.exitCode, 1)
    assert.deepEqual(ids(result), ['CVE-2021-44228', 'CVE-2021-44832', 'CVE-2021-44906', 'CVE-2021-45046'])
    assert.deepEqual(unscanned(result), [])
  })
})

/** Every object of the store, records unpacked. */
async function storedObjects({folder}: ScanWorkspace): Promise<Buffer[]> {
  const root = join(folder, '.hipaa-ci', 'evidence')
  const entries = await readdir(root, {recursive: true, withFileTypes: true})
  const files = await Promise.all(entries.filter((entry) => entry.isFile()).map(async ({parentPath, name}) => readFile(join(parentPath, name))))
  return files.map((bytes) => (bytes[0] === 0x1f && bytes[1] === 0x8b ? gunzipSync(bytes) : bytes))
}

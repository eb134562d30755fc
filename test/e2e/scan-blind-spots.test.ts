/**
 * The silent false negatives of the scanners, each shown with the real tool
 * alone, which says "clean", and then with `scan`, which must not.
 */
import assert from 'node:assert/strict'
import {copyFile, readFile, readdir, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {buildImage, writeLayout} from '../../scripts/image/build-image.ts'
import {jarWithPom} from '../../scripts/image/jar.ts'
import {serviceImage} from '../../scripts/image/service.ts'
import type {ToolSpec} from '../../src/lib/ports/tools.ts'
import {createScanWorkspace, ids, unscanned, type ScanWorkspace} from './scan-workspace.ts'

interface Alone {
  readonly exitCode: number
  readonly report: string
}

/** Trivy as its manual has it: `--exit-code 10`, offline, quiet. */
function trivyAlone(advisories: string): ToolSpec<readonly string[], Alone> {
  return {
    tool: 'trivy',
    answers: [0, 10],
    outputs: ['report.json'],
    argv: (what, scratch) => [
      ...what,
      '--cache-dir',
      advisories,
      '--cache-backend',
      'memory',
      '--skip-db-update',
      '--skip-java-db-update',
      '--offline-scan',
      '--quiet',
      '--list-all-pkgs',
      '--exit-code',
      '10',
      '--format',
      'json',
      '--output',
      `${scratch}/report.json`,
    ],
    parse: ({exitCode, files}) => ({exitCode, report: Buffer.from(files.get('report.json') ?? []).toString()}),
  }
}

const semgrepAlone: ToolSpec<{rules: string; source: string}, Alone> = {
  tool: 'semgrep',
  answers: [0, 1],
  outputs: ['report.json'],
  argv: ({rules, source}, scratch) => [
    'scan',
    '--config',
    rules,
    '--metrics=off',
    '--disable-version-check',
    '--error',
    `--json-output=${scratch}/report.json`,
    source,
  ],
  env: () => ({SEMGREP_SEND_METRICS: 'off', SEMGREP_ENABLE_VERSION_CHECK: '0'}),
  parse: ({exitCode, files}) => ({exitCode, report: Buffer.from(files.get('report.json') ?? []).toString()}),
}

const LOG4J = {group: 'org.apache.logging.log4j', artifact: 'log4j-core', version: '2.14.1'}
const DPKG =
  'Package: openssl\nStatus: install ok installed\nMaintainer: Synthetic <fixture@example.com>\nArchitecture: amd64\nVersion: 3.0.9-1\nDescription: synthetic\n'
const DEBIAN = {'etc/os-release': 'ID=debian\nVERSION_ID="12"\n', 'etc/debian_version': '12.0\n'}
const LEAK = 'import logging\n\n\ndef admit(patient):\n    logging.info("%s", patient.ssn)\n'

describe('blind spots of the scanners', function () {
  this.timeout(180_000)
  let workspace: ScanWorkspace
  const path = (...parts: string[]) => join(workspace.folder, ...parts)

  before(async () => {
    workspace = await createScanWorkspace('gate:\n  code: {error: 0}\n  misconfigurations: {critical: 0, high: 0}\n')
    await writeLayout(path('app'), serviceImage())
    // A source without a fault: the gate asks for a code scan.
    await workspace.files({'source/app.py': 'import logging\n\nlogging.info("started")\n'})
  })
  after(async () => workspace.remove())

  describe('system packages', () => {
    it('are lost by Trivy on an SPDX document, and found by scan', async () => {
      await writeLayout(
        path('debian'),
        buildImage({platform: 'linux/amd64', layers: [{files: {...DEBIAN, 'var/lib/dpkg/status': DPKG}}], config: {User: '1000'}}),
      )
      assert.equal((await workspace.cli(['sbom', './debian', '--out', 'debian.spdx.json'])).exitCode, 0)
      assert.match(await readFile(path('debian.spdx.json'), 'utf8'), /pkg:deb\/debian\/openssl@3\.0\.9-1/)
      const alone = await workspace.tool(trivyAlone(workspace.advisories), ['sbom', path('debian.spdx.json')])
      assert.equal(alone.exitCode, 0, 'Trivy finds them by now: this test has lost its reason')
      const result = await workspace.scan(['./debian', '--source', 'source'])
      assert.deepEqual([result.exitCode, ids(result)], [1, ['CVE-2023-5363', 'CVE-2024-0727']])
    })

    it('are lost in an image that does not say its distribution, which is no pass', async () => {
      await writeLayout(path('nameless'), buildImage({platform: 'linux/amd64', layers: [{files: {'var/lib/dpkg/status': DPKG}}], config: {User: '1000'}}))
      const alone = await workspace.tool(trivyAlone(workspace.advisories), ['image', '--input', path('nameless'), '--scanners', 'vuln'])
      assert.equal(alone.exitCode, 0)
      const result = await workspace.scan(['./nameless', '--source', 'source'])
      assert.equal(result.exitCode, 3)
      assert.deepEqual(unscanned(result), ['vulnerability trivy.system-packages-lost 1 deb package'])
    })

    it('of a release past its end of life have no advisories, which is no pass', async () => {
      const old = {'etc/os-release': 'ID=debian\nVERSION_ID="9"\n', 'etc/debian_version': '9.0\n', 'var/lib/dpkg/status': DPKG.replace('3.0.9-1', '1.1.0l-1')}
      await writeLayout(path('old'), buildImage({platform: 'linux/amd64', layers: [{files: old}], config: {User: '1000'}}))
      assert.equal((await workspace.tool(trivyAlone(workspace.advisories), ['image', '--input', path('old'), '--scanners', 'vuln'])).exitCode, 0)
      const result = await workspace.scan(['./old', '--source', 'source'])
      assert.equal(result.exitCode, 3)
      assert.ok(unscanned(result).includes('vulnerability trivy.end-of-life debian 9.0'))
    })
  })

  describe('an empty index of Java archives', () => {
    it('loses an archive without pom.properties, which is no pass', async () => {
      await writeLayout(
        path('java'),
        buildImage({platform: 'linux/amd64', layers: [{files: {'app/log4j-core-2.14.1.jar': jarWithPom(LOG4J)}}], config: {User: '1000'}}),
      )
      const whole = await workspace.scan(['./java', '--source', 'source'])
      assert.deepEqual([whole.exitCode, ids(whole).includes('CVE-2021-44228')], [1, true], 'with an index it is found')
      await withEmptyJavaIndex(async () => {
        const alone = await workspace.tool(trivyAlone(workspace.advisories), ['image', '--input', path('java'), '--scanners', 'vuln'])
        assert.equal(alone.exitCode, 0)
        const result = await workspace.scan(['./java', '--source', 'source'])
        assert.equal(result.exitCode, 3)
        assert.ok(result.reasons.some(({code}) => code === 'scan.java-database'))
        assert.ok(unscanned(result).some((text) => text.includes('trivy.packages-lost')))
      })
    })

    async function withEmptyJavaIndex(work: () => Promise<void>): Promise<void> {
      const file = join(workspace.advisories, 'java-db', 'trivy-java.db')
      await copyFile(file, `${file}.kept`)
      try {
        const database = new DatabaseSync(file)
        database.exec('DELETE FROM indices; DELETE FROM artifacts')
        database.close()
        await work()
      } finally {
        await copyFile(`${file}.kept`, file)
      }
    }
  })

  describe('a swapped layer of a layout', () => {
    it('hides log4j from Trivy, and is refused by sbom and scan', async () => {
      const [clean, vulnerable] = [serviceImage(), serviceImage({log4j: '2.14.1'})]
      await writeLayout(path('swapped'), vulnerable)
      await writeLayout(path('clean'), clean)
      const hidden = [...vulnerable.blobs.keys()].find((digest) => !clean.blobs.has(digest) && isLayer(vulnerable.blobs.get(digest)))
      const instead = [...clean.blobs.keys()].find((digest) => !vulnerable.blobs.has(digest) && isLayer(clean.blobs.get(digest)))
      assert.ok(hidden !== undefined && instead !== undefined)
      await writeFile(blobPath('swapped', hidden), clean.blobs.get(instead) ?? '')
      const alone = await workspace.tool(trivyAlone(workspace.advisories), ['image', '--input', path('swapped'), '--scanners', 'vuln'])
      assert.equal(alone.exitCode, 0)
      for (const command of ['scan', 'sbom']) {
        const {exitCode, json} = await workspace.cli([command, './swapped', '--json'])
        assert.equal(exitCode, 5, command)
        assert.match(JSON.stringify(json), /"image\.corrupt"/)
      }
    })

    const blobPath = (layout: string, digest: string) => path(layout, 'blobs', 'sha256', digest.slice('sha256:'.length))
    const isLayer = (bytes: Uint8Array | undefined) => bytes?.[0] === 0x1f && bytes[1] === 0x8b
  })

  describe('Semgrep', () => {
    const rules = new URL('../../rules', import.meta.url).pathname

    it('ends well on what it skipped; scan finds it there', async () => {
      await workspace.files({
        'hidden/.semgrepignore': '*.py\n',
        'hidden/ignored.py': LEAK,
        'hidden/tests/test_app.py': LEAK,
        'hidden/silenced.py': LEAK.replace('ssn)', 'ssn)  # nosemgrep'),
        'hidden/large.py': `${LEAK}${'# padding\n'.repeat(120_000)}`,
      })
      const alone = await workspace.tool(semgrepAlone, {rules, source: path('hidden')})
      assert.equal(alone.exitCode, 0)
      const result = await workspace.scan(['./app', '--source', 'hidden'])
      assert.equal(result.exitCode, 1)
      assert.deepEqual(
        result.findings
          .filter(({kind}) => kind === 'code')
          .map(({location}) => location?.path)
          .toSorted(),
        ['ignored.py', 'large.py', 'silenced.py', 'tests/test_app.py'],
      )
      assert.deepEqual(unscanned(result), [])
    })

    it('ends well on what it could not parse, or finds too large; scan does not', async () => {
      await workspace.files({
        'broken/app.py': 'import logging\n\n\ndef admit(patient):\n    if (logging.info(patient.ssn:\n        x = = 1\n',
        'broken/huge.py': `x = "${'0'.repeat(5_100_000)}"\n`,
        'broken/fine.py': 'x = 1\n',
      })
      assert.equal((await workspace.tool(semgrepAlone, {rules, source: path('broken')})).exitCode, 0)
      const result = await workspace.scan(['./app', '--source', 'broken'])
      assert.equal(result.exitCode, 3)
      assert.deepEqual(
        new Set(unscanned(result)),
        new Set([
          'code semgrep.partial-parsing app.py',
          'code semgrep.analysis-failed-parser-or-internal-error app.py',
          'code semgrep.exceeded-size-limit huge.py',
        ]),
      )
    })

    it('ends well on a folder in which it read nothing; scan does not', async () => {
      await workspace.files({'papers/notes.txt': 'nothing to see\n'})
      assert.equal((await workspace.tool(semgrepAlone, {rules, source: path('papers')})).exitCode, 0)
      const result = await workspace.scan(['./app', '--source', 'papers'])
      assert.deepEqual([result.exitCode, unscanned(result)], [3, ['code semgrep.no-file-scanned the whole folder']])
    })
  })

  it('our own rules find every marked example, and nothing beside them', async () => {
    const folder = new URL('../semgrep/', import.meta.url)
    for (const name of await readdir(folder)) await workspace.files({[`examples/${name.replace(/\.txt$/, '')}`]: await readFile(new URL(name, folder))})
    const ruleTest: ToolSpec<{rules: string; examples: string}, string> = {
      tool: 'semgrep',
      answers: [0, 1],
      outputs: [],
      argv: ({rules, examples}) => ['scan', '--test', '--json', '--metrics=off', '--disable-version-check', '--config', rules, examples],
      env: () => ({SEMGREP_SEND_METRICS: 'off', SEMGREP_ENABLE_VERSION_CHECK: '0'}),
      parse: ({stdout}) => stdout,
    }
    const answer = JSON.parse(await workspace.tool(ruleTest, {rules: new URL('../../rules', import.meta.url).pathname, examples: path('examples')})) as {
      results: Record<string, {checks: Record<string, {passed: boolean; matches: Record<string, {expected_lines: number[]; reported_lines: number[]}>}>}>
    }
    const checks = Object.values(answer.results).flatMap(({checks: own}) => Object.entries(own))
    assert.deepEqual(
      new Set(checks.map(([rule]) => rule)),
      new Set(['phi-in-log-python', 'patient-record-in-log-python', 'phi-in-log-js', 'patient-record-in-log-js', 'phi-in-log-java', 'phi-in-log-go']),
    )
    for (const [rule, {passed, matches}] of checks) {
      assert.ok(passed, rule)
      assert.ok(
        Object.values(matches).every(({expected_lines: lines}) => lines.length > 0),
        `${rule} has no example`,
      )
    }
  })
})

import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import type {SbomResult} from '../../../../src/lib/actions/scan/build-sbom.ts'
import {renderSbom} from '../../../../src/lib/cli/render/sbom.ts'
import {renderScan} from '../../../../src/lib/cli/render/scan.ts'
import {unscannedText} from '../../../../src/lib/cli/render/unscanned.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {clean, code, codeFiles, scan, twoPlatforms, vulnerable} from '../../actions/scan/scan-world.ts'

const plain = (text: string) => stripVTControlCharacters(text)

describe('a scan on a terminal', () => {
  it('says what stops it, where it is fixed, the limits, the gaps and what to do', async () => {
    const {result} = await scan({answers: {...vulnerable, ...code}, files: codeFiles}, {source: '/code'})
    const text = plain(renderScan(result))
    assert.match(text, /^✖ fail {2}above the limits\n/)
    assert.match(text, /critical +CVE-2021-44228 +.*2\.15\.0, 2\.12\.2,/)
    assert.match(text, /vulnerability +2 critical \(limit 0\), 2 high \(limit 0\), 2 medium \(no limit\), 1 low \(no limit\)\n/)
    assert.match(text, /secret +2 critical \(limit 0\)\n/)
    assert.match(text, /code +6 error \(limit 0\), not everything was looked at\n/)
    assert.match(text, /\? misconfiguration: app\/broken\.tf could not be parsed \(trivy\.parse-failed\)/)
    assert.match(text, /\? code: big\.py is larger than 5 MB/)
    assert.match(text, /→ Fix or update what the scan found, then scan and attest again\./)
    assert.match(text, /code rules looked at 6 files/)
    assert.match(text, /record 01/)
  })

  it('fits 100 columns', async () => {
    const limits = {vulnerabilities: {medium: 100, low: 100, 'only-fixed': true}}
    const {result} = await scan({answers: vulnerable, gate: limits}, {}, twoPlatforms())
    const long = plain(renderScan(result))
      .split('\n')
      .filter((line) => line.length > 100 && !line.includes('sha256:'))
    assert.deepEqual(long, [])
  })

  it('never reads like a pass where there is a gap', async () => {
    const {result} = await scan({answers: {...clean, trivy: () => new AppError('tool.timeout', 'trivy did not end within 600 s')}})
    const text = plain(renderScan(result))
    assert.match(text, /^\? could not check/)
    assert.match(text, /trivy did not end within 600 s/)
    assert.ok(!text.includes('✔'))
  })

  it('names what was found within the limits, each once, worst first, and cuts after ten', async () => {
    const {result} = await scan({}, {}, twoPlatforms())
    const [, below = ''] = plain(renderScan(result)).split('Found, and not stopping the gate:')
    const shown = [...below.matchAll(/^(critical|high|medium|low) /gm)].map(([, severity]) => severity)
    assert.deepEqual(shown, ['medium', 'medium', 'low', 'low', 'low'])
    const one = result.findings.find(({severity}) => severity === 'low')
    assert.ok(one !== undefined)
    const many = Array.from({length: 13}, (_, index) => ({...one, fingerprint: String(index)}))
    const text = plain(renderScan({...result, stopping: [], findings: many}))
    assert.equal(text.match(/^low /gm)?.length, 10)
    assert.match(text, /^and 3 more: --json has them all$/m)
  })

  it('reads clean nowhere where no tool answered', async () => {
    const missing = () => new AppError('tool.missing', 'trivy was not found')
    const {result} = await scan({answers: {...clean, trivy: missing, semgrep: missing}}, {source: '/code'})
    const text = plain(renderScan(result))
    for (const kind of ['vulnerability', 'secret', 'misconfiguration', 'code']) assert.match(text, new RegExp(`^ {2}${kind} +not looked at$`, 'm'))
    assert.ok(!text.includes('nothing found'))
    assert.ok(!text.includes('database of'))
  })

  it('reads clean nowhere without a database', async () => {
    const {result} = await scan({answers: clean, withoutDatabase: true})
    const text = plain(renderScan(result))
    assert.match(text, /^ {2}vulnerability +not looked at$/m)
    assert.match(text, /^ {2}secret +nothing found$/m)
  })

  it('says "in what was looked at" where a platform was lost, or left out', async () => {
    let calls = 0
    const trivy = () => ((calls += 1) === 1 ? clean.trivy() : new AppError('tool.killed', 'out of memory'))
    const lost = await scan({answers: {...clean, trivy}}, {}, twoPlatforms())
    assert.equal(plain(renderScan(lost.result)).match(/nothing found in what was looked at\n/g)?.length, 3)
    const {result} = await scan({answers: clean})
    const text = plain(renderScan({...result, leftOut: ['linux/arm64'], scans: result.scans.map((one) => ({...one, looked: 'part' as const}))}))
    assert.match(text, /^✔ pass {2}what could be looked at, and was asked for/)
    assert.ok(!/nothing found\n/.test(text))
  })

  it('has a row for what a limit asks for and was not run', async () => {
    const {result} = await scan({answers: clean, gate: {code: {error: 0}}})
    assert.match(plain(renderScan(result)), /^ {2}code +not run$/m)
  })

  it('counts one file as one', async () => {
    const {result} = await scan({answers: {...clean, ...code}, files: codeFiles}, {source: '/code'})
    assert.match(plain(renderScan({...result, sourceFiles: 1})), /looked at 1 file\n/)
  })

  it('is short for a pass, and says "not recorded" under --no-record', async () => {
    const {result} = await scan({answers: clean, record: false})
    const text = plain(renderScan(result))
    assert.match(text, /^✔ pass/)
    assert.match(text, /not recorded$/)
    assert.ok(text.split('\n').length < 12)
  })

  it('cuts long lists and says so', async () => {
    const trivy = () => ({
      ...clean.trivy(),
      stderr: Array.from({length: 50}, (_, index) => `t\tERROR\t[terraform parser] Error parsing file\tfile_path="${index}.tf"`).join('\n'),
    })
    const {result} = await scan({answers: {...clean, trivy}})
    assert.match(plain(renderScan(result)), /and 30 more: --json has them all/)
  })

  it('shows no control characters of the target', async () => {
    const trivy = () => ({...clean.trivy(), stderr: 't\tERROR\t[terraform parser] Error parsing file\tfile_path="\u001B[2Jx.tf"'})
    const {result} = await scan({answers: {...clean, trivy}})
    assert.ok(!renderScan(result).includes('\u001B[2J'))
  })
})

describe('unscannedText', () => {
  it('has a sentence for codes of the table, for our own, and for those of tomorrow', () => {
    assert.match(unscannedText({what: 'trivy', reason: 'tool.missing'}), /trivy: A tool that this step needs was not found/)
    assert.match(unscannedText({what: '3 deb packages', reason: 'trivy.system-packages-lost'}), /none of 3 deb packages/)
    assert.equal(unscannedText({what: 'x', reason: 'trivy.new'}), 'x was not looked at')
  })
})

describe('an SBOM on a terminal', () => {
  const result: SbomResult = {
    exitCode: 0,
    target: 'registry.example/clinic/api',
    repository: 'registry.example/clinic/api',
    digest: `sha256:${'a'.repeat(64)}`,
    format: 'SPDX-2.3',
    packages: 3,
    types: [
      {type: 'npm', count: 2},
      {type: 'deb', count: 1},
    ],
    platforms: [
      {platform: 'linux/amd64', digest: `sha256:${'b'.repeat(64)}`, document: 'sbom.linux-amd64.spdx.json', packages: 3},
      {platform: 'linux/arm64', digest: `sha256:${'c'.repeat(64)}`, document: 'sbom.linux-arm64.spdx.json', packages: 2},
    ],
    leftOut: ['linux/s390x'],
    warnings: [],
    tool: {name: 'syft', version: '1.51.0', sha256: 'd'.repeat(64)},
    record: '01JXS800000000000000000000',
  }

  it('counts by type and platform, and names the files', () => {
    const text = plain(renderSbom(result, ['app.json']))
    for (const part of [
      /✔ 3 packages/,
      /npm +2/,
      /linux\/arm64 {2}2 packages/,
      /left out by configuration: linux\/s390x/,
      /written to app\.json/,
      /record 01JXS8/,
    ])
      assert.match(text, part)
  })

  it('counts one package as one', () => {
    assert.match(plain(renderSbom({...result, packages: 1}, [])), /✔ 1 package\n/)
  })

  it('warns in front', () => {
    assert.match(
      plain(renderSbom({...result, packages: 0, types: [], warnings: ['no package was found'], record: undefined}, [])),
      /^! 0 packages[^]*no package was found[^]*not recorded$/,
    )
  })
})

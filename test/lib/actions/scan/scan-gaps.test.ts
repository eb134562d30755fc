/** Every way in which a scan is not whole: none is a pass, and each says its name. */
import assert from 'node:assert/strict'
import {scanTarget, type ScanRequest} from '../../../../src/lib/actions/scan/scan-target.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import type {AdvisoryDatabase} from '../../../../src/lib/ports/scanners.ts'
import {FRESH, scanContext, type Answers, type ScanSetting} from '../../../fakes/scan-context.ts'
import {recording} from '../../recording.ts'
import {
  clean,
  code,
  codeFiles,
  imageStore,
  ofStream,
  registryTarget,
  REPOSITORY,
  scan,
  trivyReport,
  twoPlatforms,
  vulnerable,
  withoutFindings,
} from './scan-world.ts'

type Row = readonly [name: string, codes: readonly string[], setting: Partial<ScanSetting>, request?: Partial<ScanRequest>]
type Report = Parameters<typeof withoutFindings>[0]

const codes = ({result}: Awaited<ReturnType<typeof scan>>) => result.reasons.map(({code: reason, kind}) => `${reason} ${kind ?? ''}`.trim())
const allOfTrivy = (reason: string) => ['vulnerability', 'secret', 'misconfiguration'].map((kind) => `${reason} ${kind}`)

/** A clean report after `change`. */
function trivy(change: (report: Report) => void): {answers: Answers} {
  const answer = () =>
    trivyReport((report) => {
      withoutFindings(report)
      change(report)
    })
  return {answers: {...clean, trivy: answer}}
}

function database(change: Partial<NonNullable<AdvisoryDatabase['vulnerabilities']>>): Partial<ScanSetting> {
  return {answers: clean, database: {vulnerabilities: {updatedAt: '', sha256: '', sources: [], ...FRESH.vulnerabilities, ...change}}}
}

const ROWS: readonly Row[] = [
  ['no tool at all', allOfTrivy('tool.missing'), {answers: {}}],
  ['Trivy is missing', allOfTrivy('tool.missing'), {answers: {syft: vulnerable.syft}}],
  ['Syft is missing', ['tool.missing vulnerability'], {answers: {trivy: clean.trivy}}],
  ['Trivy crashes', allOfTrivy('tool.failed'), {answers: {...clean, trivy: () => ({exitCode: 1})}}],
  [
    'Trivy writes half a report',
    allOfTrivy('tool.output'),
    {answers: {...clean, trivy: () => ({files: new Map([['report.json', recording('trivy@0.74.0/image.json').subarray(0, 999)]])})}},
  ],
  ['Trivy takes too long', allOfTrivy('tool.timeout'), {answers: {...clean, trivy: () => new AppError('tool.timeout', 'too long')}}],
  [
    'system packages are lost',
    ['scan.incomplete vulnerability'],
    trivy((report) => void (report.Results = report.Results.filter(({Class}) => Class === 'lang-pkgs'))),
  ],
  ['one package is lost', ['scan.incomplete vulnerability'], trivy((report) => void report.Results.find(({Type}) => Type === 'node-pkg')?.Packages?.pop())],
  [
    'the distribution is past its end of life',
    ['scan.incomplete vulnerability'],
    trivy((report) => void (report.Metadata = {OS: {Family: 'debian', Name: '12.0', EOSL: true}})),
  ],
  [
    'a file cannot be parsed',
    ['scan.incomplete misconfiguration'],
    {answers: {...clean, trivy: () => ({...clean.trivy(), stderr: 't\tERROR\t[terraform parser] Error parsing file\tfile_path="x.tf"'})}},
  ],
  ['no database is there', ['scan.database-missing vulnerability', 'scan.java-database vulnerability'], {answers: clean, withoutDatabase: true}],
  ['the database is stale', ['scan.database-stale vulnerability'], database({updatedAt: '2026-06-14T11:00:00.000Z'})],
  ['the database knows nothing of Debian', ['scan.database-missing vulnerability'], database({sources: ['npm::x', 'maven::x']})],
  [
    'the index of Java archives is empty',
    ['scan.java-database vulnerability'],
    {answers: clean, database: {java: {updatedAt: '2026-06-15T11:00:00.000Z', nextUpdate: '2026-06-18T11:00:00.000Z', rows: 0}}},
  ],
  ['the gate limits code, and there is no --source', ['scan.not-run code'], {answers: clean, gate: {code: {}}}],
  ['Semgrep is missing', ['tool.missing code'], {answers: clean}, {source: '/code'}],
  ['Semgrep left files out', ['scan.incomplete code'], {answers: {...clean, ...code}, files: codeFiles, gate: {code: {error: 6}}}, {source: '/code'}],
]

describe('scan: what could not be looked at is no pass', () => {
  for (const [name, expected, setting, request] of ROWS) {
    it(name, async () => {
      const scanned = await scan(setting, request)
      assert.deepEqual(codes(scanned), expected)
      assert.equal(scanned.result.exitCode, 3)
      assert.equal(scanned.result.decision, 'could-not-check')
      const records = await scanned.context.records()
      assert.equal(ofStream(records, 'gate')[0]?.data.outcome, 'error')
      if (expected[0] !== 'scan.not-run code') assert.ok(ofStream(records, 'scan').some(({data}) => data.outcome === 'error'))
    })
  }

  it('a platform that could not be scanned, though the other passes', async () => {
    let calls = 0
    const answers = {...clean, trivy: () => ((calls += 1) === 1 ? clean.trivy() : new AppError('tool.killed', 'out of memory'))}
    const {result, vulns} = await scan({answers}, {}, twoPlatforms())
    assert.equal(result.exitCode, 3)
    assert.equal(vulns.size, 1, 'a platform that was not looked up must not be attested')
  })

  it('tells to update the database by a command that can be typed', async () => {
    const {result} = await scan({answers: clean, withoutDatabase: true})
    assert.ok(result.fixes.includes(`hipaa-ci scan ${result.target} --update-db`), result.fixes.join())
    const inPipeline = await scan({answers: clean, withoutDatabase: true}, {command: 'pipeline'})
    assert.ok(inPipeline.result.fixes.includes(`hipaa-ci pipeline ${result.target} --update-db`), inPipeline.result.fixes.join())
  })

  it('a layer that no scanner reads', async () => {
    const {image, digest} = await imageStore()
    const {json} = await image.resolve(digest)
    const odd = Buffer.from(
      JSON.stringify({...json, layers: json.layers?.map((layer) => ({...layer, mediaType: 'application/vnd.oci.image.layer.v1.tar+encrypted'}))}),
    )
    const {digest: second} = await image.pushManifest(odd, 'application/vnd.oci.image.manifest.v1+json')
    const context = scanContext({target: {...registryTarget, digest: second}, image, answers: clean})
    const {result} = await scanTarget({target: REPOSITORY}, context)
    assert.equal(result.exitCode, 3)
    assert.deepEqual(
      result.scans.map(({unscanned}) => unscanned[0]?.reason),
      ['image.layer-type', 'image.layer-type', 'image.layer-type'],
    )
  })

  it('a platform that is an index in itself, whatever the index around it says', async () => {
    const {image, digest} = await imageStore(twoPlatforms())
    const {descriptor} = await image.resolve(digest)
    const lying = {...descriptor, mediaType: 'application/vnd.oci.image.manifest.v1+json', platform: {os: 'linux', architecture: 'amd64'}}
    const index = Buffer.from(JSON.stringify({schemaVersion: 2, manifests: [lying]}))
    const {digest: outer} = await image.pushManifest(index, 'application/vnd.oci.image.index.v1+json')
    const context = scanContext({target: {...registryTarget, digest: outer}, image, answers: clean})
    await assert.rejects(scanTarget({target: REPOSITORY}, context), {code: 'image.unsupported'})
  })

  it('is said beside a failure, which it does not hide', async () => {
    const answer = (argv: readonly string[]) => (argv.includes('vuln,secret,misconfig') ? {exitCode: 1} : vulnerable.trivy())
    const {result} = await scan({answers: {...vulnerable, trivy: answer}})
    assert.equal(result.exitCode, 1)
    assert.ok(result.reasons.some(({code: reason, kind}) => reason === 'tool.failed' && kind === 'vulnerability'))
    assert.ok(result.stopping.some(({kind}) => kind === 'secret'))
  })
})

import assert from 'node:assert/strict'
import {scanTarget} from '../../../../src/lib/actions/scan/scan-target.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {blobKey} from '../../../../src/lib/evidence/key.ts'
import {FindingsBlob} from '../../../../src/lib/evidence/finding.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {FRESH, scanContext} from '../../../fakes/scan-context.ts'
import {recording} from '../../recording.ts'
import {clean, code, codeFiles, imageStore, ofStream, registryTarget, REPOSITORY, scan, trivyReport, twoPlatforms, vulnerable} from './scan-world.ts'

describe('scan: what is found', () => {
  it('stops a vulnerable image, and says what, where and how to fix it', async () => {
    const {result} = await scan({})
    assert.equal(result.exitCode, 1)
    assert.equal(result.decision, 'fail')
    assert.deepEqual(
      result.scans.map(({kind, counts}) => [kind, counts]),
      [
        ['vulnerability', {high: 2, low: 1, critical: 2, medium: 2}],
        ['secret', {critical: 2}],
        ['misconfiguration', {high: 2, low: 2}],
      ],
    )
    const log4j = result.stopping.find(({id}) => id === 'CVE-2021-44228')
    assert.deepEqual([log4j?.fixed_version, log4j?.location?.path, log4j?.platform], ['2.15.0, 2.12.2, 2.3.1', 'app/lib/log4j-core-2.14.1.jar', result.digest])
  })

  it('shows what was not looked at beside the failure', async () => {
    const {result} = await scan({})
    assert.deepEqual(result.scans[2]?.unscanned, [{what: 'app/broken.tf', reason: 'trivy.parse-failed'}])
    assert.ok(result.reasons.some(({code: reason}) => reason === 'scan.incomplete'))
    assert.deepEqual(result.fixes, ['Fix or update what the scan found, then scan and attest again.'])
  })

  it('lets a clean image pass', async () => {
    const {result} = await scan({answers: clean})
    assert.equal(result.exitCode, 0)
    assert.equal(result.decision, 'pass')
    assert.deepEqual(result.reasons, [])
    assert.deepEqual(result.platforms, [
      {platform: 'linux/amd64', digest: result.digest, os: {family: 'debian', version: '12.0', endOfLife: false}, packages: 4, uncovered: []},
    ])
  })

  it('warns where neither tool found a package', async () => {
    const document = JSON.stringify({...(JSON.parse(recording('syft@1.51.0/image.spdx.json').toString()) as object), packages: [], relationships: []})
    const answers = {
      syft: () => ({files: new Map([['sbom.spdx.json', Buffer.from(document)]])}),
      trivy: () => trivyReport((report) => void (report.Results = [])),
    }
    const {result} = await scan({answers})
    assert.equal(result.exitCode, 0)
    assert.match(result.warnings.join(), /neither tool found a package/)
  })

  it('counts a fault of two platforms once, and records it for both', async () => {
    const {result, vulns, context} = await scan({}, {}, twoPlatforms())
    assert.deepEqual(result.scans[0]?.counts, {high: 2, low: 1, critical: 2, medium: 2})
    assert.equal(result.findings.filter(({kind}) => kind === 'vulnerability').length, 14)
    assert.equal(vulns.size, 2)
    assert.deepEqual(
      [...vulns.values()].map(({findings}) => findings.length),
      [7, 7],
    )
    const [vulnerability] = ofStream(await context.records(), 'scan')
    assert.deepEqual(
      vulnerability?.data.detail.platforms.map(({platform}) => platform),
      ['linux/amd64', 'linux/arm64'],
    )
  })

  it('looks at a folder as source and as installation', async () => {
    const context = scanContext({target: {kind: 'folder', path: '/folder', text: '/folder'}, answers: clean})
    const {result, sboms} = await scanTarget({target: '/folder'}, context)
    assert.deepEqual(
      context.calls.filter(({tool}) => tool === 'trivy').map(({argv}) => [argv[0], argv[argv.indexOf('--scanners') + 1]]),
      [
        ['fs', 'vuln,secret,misconfig'],
        ['rootfs', 'vuln'],
      ],
    )
    assert.equal(result.exitCode, 0)
    assert.equal(sboms.size, 0)
    assert.deepEqual(
      ofStream(await context.records(), 'scan').map(({subject, data}) => [subject.split(':', 3).join(':'), data.detail.mode]),
      [
        ['urn:hipaa-ci:run', 'source'],
        ['urn:hipaa-ci:run', 'source'],
        ['urn:hipaa-ci:run', 'source'],
      ],
    )
  })
})

describe('scan: records', () => {
  it("are one per kind, with its findings, then the gate's, which names them", async () => {
    const evidence = memoryStore()
    const {result, gate, context, digest} = await scan({evidence, answers: {...vulnerable, ...code}, files: codeFiles}, {source: '/code'})
    const records = await context.records()
    assert.deepEqual(
      records.map(({stream}) => stream),
      ['scan', 'scan', 'scan', 'scan', 'gate'],
    )
    assert.ok(records.every(({subject}) => subject === `${REPOSITORY}@${digest}`))
    const scans = ofStream(records, 'scan')
    assert.deepEqual(
      scans.map(({data}) => [data.detail.kind, data.outcome, data.tools.map(({name}) => name).join()]),
      [
        ['vulnerability', 'fail', 'trivy,syft'],
        ['secret', 'fail', 'trivy'],
        ['misconfiguration', 'fail', 'trivy'],
        ['code', 'fail', 'semgrep'],
      ],
    )
    assert.deepEqual(scans[0]?.data.tools[0]?.database, {updated_at: FRESH.vulnerabilities?.updatedAt, sha256: FRESH.vulnerabilities?.sha256})
    assert.equal(scans[1]?.data.tools[0]?.database, undefined)
    for (const record of scans) {
      const blob = record.data.blobs[0]
      const bytes = await evidence.get(blobKey(blob?.sha256 ?? ''))
      const {findings} = FindingsBlob.parse(JSON.parse(Buffer.from(bytes ?? []).toString()))
      assert.deepEqual(new Set(findings.map(({kind}) => kind)), new Set([record.data.detail.kind]))
    }
    const [gateRecord] = ofStream(records, 'gate')
    assert.deepEqual(
      gateRecord?.data.detail.scans,
      scans.map(({id}) => id),
    )
    assert.equal(gateRecord?.data.detail.policy, result.policy)
    assert.equal(gateRecord?.data.outcome, 'fail')
    assert.equal(result.record, gateRecord?.id)
    assert.equal(gate.record?.id, gateRecord?.id)
  })

  it('hold no secret and no line of code', async () => {
    const evidence = memoryStore()
    await scan({evidence, answers: {...vulnerable, ...code}, files: codeFiles}, {source: '/code'})
    for (const bytes of evidence.objects.values()) {
      const text = Buffer.from(bytes).toString('latin1')
      for (const hidden of ['synthetic-token', 'p.ssn', 'aws_s3_bucket']) assert.ok(!text.includes(hidden), hidden)
    }
  })

  it('stay small where very much was not looked at', async () => {
    const trivy = () => ({
      ...clean.trivy(),
      stderr: Array.from({length: 900}, (_, index) => `t\tERROR\t[terraform parser] Error parsing file\tfile_path="${'d/'.repeat(60)}${index}.tf"`).join('\n'),
    })
    const {result, context} = await scan({answers: {...clean, trivy}})
    assert.equal(result.scans[2]?.unscanned.length, 900)
    const detail = ofStream(await context.records(), 'scan')[2]?.data.detail
    assert.equal(detail?.unscanned.length, 200)
    assert.deepEqual(detail?.unscanned.at(-1), {what: '701 more', reason: 'scan.incomplete'})
  })

  it('that cannot be written make a pass an error, and leave a failure a failure', async () => {
    const full = {...memoryStore(), put: async () => Promise.reject(new AppError('store.unreachable', 'the disk is full'))}
    await assert.rejects(scan({answers: clean, evidence: full}), {code: 'store.unreachable'})
    await assert.rejects(scan({answers: {}, evidence: full}), {code: 'store.unreachable'})
    const {result} = await scan({evidence: full})
    assert.deepEqual([result.exitCode, result.recorded, result.record], [1, false, undefined])
    assert.ok(result.warnings.some((text) => text.includes('the disk is full')))
  })

  it('are not written under --no-record, and the result says so', async () => {
    const {result, context} = await scan({answers: clean, record: false})
    assert.deepEqual([result.exitCode, result.recorded], [0, false])
    assert.deepEqual(await context.records(), [])
  })
})

describe('scan: a given SBOM', () => {
  const file = recording('syft@1.51.0/image.spdx.json')
  const described = 'sha256:eb0f7f1a7b3c'

  it('is compared with instead of a run of Syft, if it describes this very image', async () => {
    const {image, digest} = await imageStore()
    const own = Buffer.from(file.toString().replaceAll(/sha256:[0-9a-f]{64}/g, digest))
    const context = scanContext({target: {...registryTarget, digest}, image, answers: {trivy: clean.trivy}, files: {'/sbom.json': own}})
    const {result} = await scanTarget({target: REPOSITORY, sbom: '/sbom.json'}, context)
    assert.equal(result.exitCode, 0)
    assert.ok(context.calls.every(({tool}) => tool !== 'syft'))
  })

  it('is refused if it describes another image, or there are several platforms', async () => {
    await assert.rejects(scan({files: {'/sbom.json': file}}, {sbom: '/sbom.json'}), {code: 'usage.input'})
    await assert.rejects(scan({files: {'/sbom.json': Buffer.from(file.toString().replaceAll(/sha256:[0-9a-f]{64}/g, described))}}, {sbom: '/sbom.json'}), {
      code: 'usage.input',
    })
    await assert.rejects(scan({files: {'/sbom.json': file}}, {sbom: '/sbom.json'}, twoPlatforms()), {code: 'usage.flag'})
  })
})

describe('scan --update-db', () => {
  it('downloads by Trivy, from the configured place', async () => {
    const {context} = await scan({answers: clean}, {updateDatabase: true})
    const downloads = context.calls.filter(({argv}) => argv.some((part) => part.startsWith('--download')))
    assert.deepEqual(
      downloads.map(({argv}) => argv[1]),
      ['--download-db-only', '--download-java-db-only'],
    )
  })

  it('takes the configured mirrors, and with one of them asks nobody else', async () => {
    const both = await scan(
      {answers: clean, trivy: {'db-repository': 'mirror.example/a:2', 'java-db-repository': 'mirror.example/b:1'}},
      {updateDatabase: true},
    )
    const from = both.context.calls.flatMap(({argv}) => argv.filter((_, index) => argv[index - 1]?.endsWith('db-repository')))
    assert.deepEqual(from, ['mirror.example/a:2', 'mirror.example/b:1'])
    const one = await scan({answers: clean, trivy: {'db-repository': 'mirror.example/a:2'}}, {updateDatabase: true})
    assert.ok(one.context.calls.every(({argv}) => !argv.includes('--download-java-db-only')))
    assert.ok(one.context.said.some((text) => text.includes('java-db-repository')))
  })

  it('is a failure without a network, not a pass with the old one', async () => {
    await assert.rejects(scan({answers: {...clean, trivy: () => ({exitCode: 1})}}, {updateDatabase: true}), {
      code: 'scan.database-download',
      exitCode: 3,
      message: /^the vulnerability database could not be downloaded:\n {2}.{1,96}$/,
    })
  })

  it('goes on without the index of Java archives, whose age then counts', async () => {
    const trivy = (argv: readonly string[]) => (argv.includes('--download-java-db-only') ? {exitCode: 1} : clean.trivy())
    const {result, context} = await scan({answers: {...clean, trivy}}, {updateDatabase: true})
    assert.equal(result.exitCode, 0)
    assert.ok(context.said.some((text) => text.includes('Java')))
  })
})

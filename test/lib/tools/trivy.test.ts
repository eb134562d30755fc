import assert from 'node:assert/strict'
import type {Finding} from '../../../src/lib/evidence/finding.ts'
import {readTrivyLog} from '../../../src/lib/tools/trivy-log.ts'
import {readTrivyReport} from '../../../src/lib/tools/trivy-report.ts'
import {trivy} from '../../../src/lib/tools/trivy.ts'
import {recording} from '../recording.ts'

const image = recording('trivy@0.74.0/image.json')
const stderr = recording('trivy@0.74.0/image.stderr.txt').toString()
const input = {source: {kind: 'layout', path: '/l'}, scanners: ['vuln', 'secret', 'misconfig'], cache: '/cache'} as const
const answer = (exitCode: number, bytes?: Uint8Array) => ({exitCode, stdout: '', stderr, files: new Map(bytes === undefined ? [] : [['report.json', bytes]])})

const startOf = (source: Parameters<typeof trivy.argv>[0]['source']) => trivy.argv({...input, source}, '/s').slice(0, 3)

const prints = ({findings}: {findings: readonly Finding[]}) => findings.map(({id, fingerprint}) => `${id} ${fingerprint}`)

const line = (level: string, ...rest: string[]) => ['2026-01-01T00:00:00Z', level, ...rest].join('\t')

describe('trivy: arguments', () => {
  it('lets nothing in the working folder decide', () => {
    const argv = trivy.argv(input, '/s')
    for (const flag of ['--config', '--ignorefile', '--secret-config']) assert.match(argv[argv.indexOf(flag) + 1] ?? '', /^\/s\//, flag)
    assert.deepEqual([...(trivy.inputs?.(input).keys() ?? [])].toSorted(), ['trivy-secret.yaml', 'trivy.yaml', 'trivyignore'])
  })

  it('takes a code for findings that no crash ends with', () => {
    const argv = trivy.argv(input, '/s')
    assert.equal(argv[argv.indexOf('--exit-code') + 1], '10')
    assert.deepEqual(trivy.answers, [0, 10])
  })

  it('looks into the configuration of images only', () => {
    assert.ok(trivy.argv(input, '/s').includes('--image-config-scanners'))
    assert.ok(!trivy.argv({...input, scanners: ['vuln']}, '/s').includes('--image-config-scanners'))
    assert.ok(!trivy.argv({...input, source: {kind: 'folder', path: '/f', as: 'source'}}, '/s').includes('--image-config-scanners'))
  })

  it('names each kind of source', () => {
    assert.deepEqual(startOf({kind: 'layout', path: '/l'}), ['image', '--input', '/l'])
    assert.deepEqual(startOf({kind: 'docker-archive', path: '/a.tar'}), ['image', '--input', '/a.tar'])
    assert.deepEqual(startOf({kind: 'folder', path: '/f', as: 'source'}), ['fs', '/f', '--config'])
    assert.deepEqual(startOf({kind: 'folder', path: '/f', as: 'installed'}), ['rootfs', '/f', '--config'])
  })
})

describe('trivy: report', () => {
  const report = readTrivyReport(image, stderr)
  const find = (id: string): Finding => report.findings.find((finding) => finding.id === id) ?? assert.fail(id)

  it('gives vulnerabilities with fix, place and whose severity it is', () => {
    const {fingerprint, ...rest} = find('CVE-2021-44228')
    assert.match(fingerprint, /^[0-9a-f]{64}$/)
    assert.deepEqual(rest, {
      kind: 'vulnerability',
      id: 'CVE-2021-44228',
      severity: 'critical',
      severity_source: 'ghsa',
      package: {
        name: 'org.apache.logging.log4j:log4j-core',
        version: '2.14.1',
        purl: 'pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1',
        type: 'maven',
      },
      fixed_version: '2.15.0, 2.12.2, 2.3.1',
      location: {path: 'app/lib/log4j-core-2.14.1.jar'},
      title: 'log4j-core: remote code execution by JNDI lookup in logged text',
    })
  })

  it("keeps the distribution's own severity, and says that it is that", () => {
    assert.deepEqual([find('CVE-2024-0727').severity, find('CVE-2024-0727').severity_source], ['low', 'debian'])
    assert.deepEqual([find('CVE-2023-5363').severity, find('CVE-2023-5363').severity_source], ['high', 'nvd'])
  })

  it("finds secrets in tests and in the image's variables, and never shows them", () => {
    const secrets = report.findings.filter(({kind}) => kind === 'secret')
    assert.deepEqual(new Set(secrets.map(({location}) => location?.path)), new Set(['app/tests/config.env', 'image-config']))
    assert.ok(!JSON.stringify(report).includes('synthetic-token'))
    assert.ok(!JSON.stringify(report).includes('GITHUB_TOKEN'))
  })

  it("tells faults of the image's configuration from those of files in it", () => {
    const places = report.findings.filter(({id}) => id === 'DS-0026').map(({location}) => location?.path)
    assert.deepEqual(new Set(places), new Set(['app/Dockerfile', 'image-config']))
  })

  it('says what could not be parsed, by its path alone', () => {
    assert.deepEqual(report.unscanned, [{kind: 'misconfiguration', what: 'app/broken.tf', reason: 'trivy.parse-failed'}])
    assert.ok(!JSON.stringify(report).includes('aws_s3_bucket'))
    assert.deepEqual(report.os, {family: 'debian', version: '12.0', endOfLife: false})
  })

  it('gives a fault one fingerprint across an update that does not help', () => {
    const older = Buffer.from(
      image.toString().replaceAll('2.14.1', '2.14.0').replaceAll('distro=debian-12.0', 'distro=debian-12.5').replaceAll('arch=amd64', 'arch=arm64'),
    )
    assert.deepEqual(prints(readTrivyReport(older, '')), prints(report))
    assert.equal(new Set(prints(report)).size, report.findings.length)
  })
})

describe('trivy: what is no answer', () => {
  it('is a missing, torn or foreign report', () => {
    assert.throws(() => trivy.parse(answer(0), input), {code: 'tool.output'})
    assert.throws(() => trivy.parse(answer(10, image.subarray(0, 1000)), input), {code: 'tool.output'})
    assert.throws(() => trivy.parse(answer(0, Buffer.from('{"SchemaVersion":3,"ArtifactName":"x"}')), input), {code: 'tool.output'})
    assert.throws(() => trivy.parse(answer(0, Buffer.from('')), input), {code: 'tool.output'})
  })

  it('is an empty report with the exit code of findings', () => {
    assert.throws(() => trivy.parse(answer(10, Buffer.from('{"SchemaVersion":2,"ArtifactName":"x"}')), input), {code: 'tool.output'})
    assert.deepEqual(trivy.parse(answer(0, Buffer.from('{"SchemaVersion":2,"ArtifactName":"x"}')), input).findings, [])
  })

  it('reads the recorded one', () => {
    assert.equal(trivy.parse(answer(10, image), input).findings.length, 13)
  })
})

describe('trivy: log', () => {
  it('turns errors into gaps of the scan that they belong to', () => {
    const log = [
      line('ERROR', '[misconfig] Falling back to embedded checks', 'err="x"'),
      line('ERROR', '[dockerfile scanner] Failed to parse file', 'file_path="Dockerfile" err="secret text"'),
      line('ERROR', '[dockerfile scanner] Failed to parse file', 'file_path="Dockerfile" err="other text"'),
      line('WARN', '[helm scanner] Skipping chart', 'file_path="app/chart" err="x"'),
      line('ERROR', '[secret] Something broke'),
      line('FATAL', 'Out of luck', 'err="x"'),
      line('WARN', 'This OS version is no longer supported by the distribution', 'family="debian"'),
      line('INFO', 'Detected OS'),
      'a line of another form',
      '',
    ].join('\n')
    assert.deepEqual(readTrivyLog(log), {
      unscanned: [
        {kind: 'misconfiguration', what: 'Dockerfile', reason: 'trivy.parse-failed'},
        {kind: 'misconfiguration', what: 'app/chart', reason: 'trivy.parse-failed'},
        {kind: 'secret', what: '[secret] Something broke', reason: 'trivy.error'},
        {kind: 'vulnerability', what: 'Out of luck', reason: 'trivy.error'},
      ],
      warnings: ['This OS version is no longer supported by the distribution'],
    })
  })
})

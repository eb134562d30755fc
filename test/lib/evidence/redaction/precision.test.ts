/**
 * What must stay: digests, package URLs, versions, ids, times, licences, names of images, and what real tools wrote about a
 * public image. And the figures of both corpora.
 */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import process from 'node:process'
import {redactBlob} from '../../../../src/lib/evidence/redaction/blob.ts'
import {RULES} from '../../../../src/lib/evidence/redaction/rules.ts'
import {redactText} from '../../../../src/lib/evidence/redaction/text.ts'
import {HARMLESS} from './canaries.ts'
import {CORPUS} from './corpus.ts'
import {maker} from './made-up.ts'

/** What these tools wrote, and what of it is to go: a token in a layer's history that was put there to be found, and a maintainer. */
const RECORDED: readonly (readonly [file: string, mediaType: string, rules: readonly string[]])[] = [
  ['trivy@0.74.0/image.json', 'application/json', ['password', 'email']],
  ['trivy@0.74.0/image.stderr.txt', 'text/plain', []],
  ['semgrep@1.185.0/source.json', 'application/json', []],
  ['syft@1.51.0/image.spdx.json', 'application/spdx+json', []],
  ['syft@1.51.0/no-distribution.spdx.json', 'application/spdx+json', []],
  ['cosign@3.1.2/signature.json', 'application/json', []],
  ['cosign@3.1.2/certificate.json', 'application/json', []],
  ['cosign@3.1.2/key.pub', 'text/plain', []],
  ['advisory-db/trivy.db', 'application/octet-stream', []],
  ['../../LICENSE', 'text/plain', []],
  ['../../package-lock.json', 'application/json', []],
]

/** As they stand in lists and reports. */
const FORMS: readonly string[] = [
  'registry.example/team/app:{d1}.{d2}.{d1}@sha256:{h64}',
  'sha256:{h64}',
  'sha512-{a86}==',
  'sha1 {h40} of main.ts',
  '{h40}',
  '{h32}',
  '{h8}-{h4}-{h4}-{h4}-{h12}',
  '00-{h32}-{h16}-01',
  'pkg:npm/%40{s8}/{s12}@{d1}.{d2}.{d1}',
  'pkg:deb/debian/{s8}@{d1}.{d2}-{d1}+deb12u{d1}?arch=amd64&distro=debian-12&epoch=1&upstream={s6}%40{d1}.{d2}',
  'pkg:golang/github.com/{s6}/{s9}@v0.0.0-2026{d2}12{d2}0102-{h12}',
  'pkg:oci/app@sha256%3A{h64}?repository_url=registry.example%2Fteam%2Fapp',
  'cpe:2.3:a:{s6}:{s9}:{d1}.{d2}.{d1}:*:*:*:*:node.js:*:*',
  'CVE-202{d1}-{d5}',
  'GHSA-{s4}-{s4}-{s4}',
  'RHSA-2026:{d4}',
  'DSA-{d4}-1',
  'v{d1}.{d2}.{d3}-rc.{d1}+build.{d5}',
  '{d1}:{d1}.{d2}.{d1}~rc{d1}-{d1}ubuntu{d1}',
  '2026-0{d1}-1{d1}T0{d1}:1{d1}:2{d1}.{d3}Z',
  '17{d8}',
  '17{d11}',
  '17{d14}',
  '17{d17}',
  'build {d6} of job {d8} in run {d10}',
  '01J{u23}',
  'arn:aws:kms:eu-central-1:{d12}:key/{h8}-{h4}-{h4}-{h4}-{h12}',
  '{d12}.dkr.ecr.eu-central-1.amazonaws.example/app:{h40}',
  'ip-10-0-{d1}-{d2}.internal:{d4}',
  'pod/patient-api-{h10}-{s5}',
  'system:serviceaccount:{s8}:{s6}',
  'https://registry.example/v2/team/app/blobs/sha256:{h64}',
  'refs/tags/v{d1}.{d1}.{d1}',
  'npm:@types/{s6}@^{d2}.{d1}.{d1}',
  'in {d3}.{d6} s, {d2}.{d1} %',
]

describe('what must stay', () => {
  const made = maker(7)
  const harmless = [...HARMLESS, ...FORMS.flatMap((form) => Array.from({length: 40}, () => made.fill(form)))]
  const wrong = harmless.filter((text) => redactText(text, RULES).hits.length > 0)

  after(() => {
    const missed = CORPUS.filter(({text, value}) => redactText(text, RULES).text.includes(value)).length
    const found = CORPUS.length - missed
    const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`
    process.stdout.write(
      `      precision ${percent(found, found + wrong.length)} (${wrong.length} of ${harmless.length} harmless texts taken), recall ${percent(found, CORPUS.length)} (${missed} of ${CORPUS.length} canaries missed)\n`,
    )
  })

  it('stays: digests, package URLs, versions, ids, times, names', () => {
    assert.deepEqual(wrong, [])
  })

  for (const [file, mediaType, rules] of RECORDED)
    it(`stays: ${file}, but for ${rules.join(' and ') || 'nothing'}`, () => {
      const bytes = readFileSync(new URL(`../../../recordings/${file}`, import.meta.url))
      const clean = redactBlob({name: file, mediaType, bytes}, undefined)
      assert.equal(clean.count, rules.length)
      for (const rule of rules) assert.ok(Buffer.from(clean.bytes).includes(`[redacted:${rule}]`), rule)
    })
})

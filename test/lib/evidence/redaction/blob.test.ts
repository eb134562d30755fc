import assert from 'node:assert/strict'
import {deflateRawSync, gzipSync, zstdCompressSync} from 'node:zlib'
import {DIFFERENCES_TYPE} from '../../../../src/lib/evidence/differences.ts'
import {redactBlob, type BlobToRedact} from '../../../../src/lib/evidence/redaction/blob.ts'
import {POLICY_TYPE} from '../../../../src/lib/evidence/policy-type.ts'
import {redactionKey} from '../../../../src/lib/evidence/redaction/token.ts'
import {CANARIES, CONTACT_CANARIES, HARMLESS} from './canaries.ts'

const SSN = '078-05-1120'
const blob = (content: string | Uint8Array, rest: Partial<BlobToRedact> = {}): BlobToRedact => ({
  name: 'report',
  mediaType: 'text/plain',
  bytes: Buffer.from(content),
  ...rest,
})
const textOf = (one: BlobToRedact) => Buffer.from(redactBlob(one, undefined).bytes).toString()
const refused = (rule: string) => ({code: 'redaction.blob', message: `report holds what looks like a secret or PHI (rule ${rule}) and must not be changed`})

describe('redaction of a blob', () => {
  it('rewrites text and JSON, and counts', () => {
    assert.equal(textOf(blob(`<case>${SSN}</case>`)), '<case>[redacted:ssn]</case>')
    assert.equal(textOf(blob(`{"a": "${SSN}", "n": 1.50}`)), '{"a": "[redacted:ssn]", "n": 1.50}')
    assert.equal(redactBlob(blob(`${SSN} and ${SSN}`), undefined).count, 2)
    assert.match(Buffer.from(redactBlob(blob(SSN), redactionKey(Buffer.alloc(16))).bytes).toString(), /^\[redacted:ssn:[0-9a-f]{8}:[0-9a-f]{16}\]$/)
  })

  it('gives clean bytes back as they are', () => {
    const {bytes} = blob(`\uFEFF{"a":"${HARMLESS.slice(0, 5).join(' ').replaceAll('"', '')}"}\n`)
    assert.deepEqual(redactBlob(blob(bytes), undefined), {bytes, count: 0})
  })

  it('leaves no canary in text, in JSON, or in lines of JSON', () => {
    const all = CANARIES.map(({text}) => text)
    for (const content of [all.join('\n--\n'), JSON.stringify(all), all.map((text) => JSON.stringify({text})).join('\n')]) {
      const text = textOf(blob(content))
      const left = CANARIES.filter(({value}) => text.includes(JSON.stringify(value).slice(1, -1)))
      assert.deepEqual(left, [])
    }
  })

  it('keeps who wrote a change, in provenance, and nothing else that is there', () => {
    const statement = (id: string, more: object = {}) =>
      JSON.stringify({predicate: {hipaa_ci_change: {authors: [{id, issuer: 'git', basis: 'claimed'}]}, ...more}})
    const exact = (text: string) => redactBlob(blob(text, {exact: true}), undefined)
    assert.equal(exact(statement('grace@example.org')).count, 0)
    assert.equal(exact(JSON.stringify({payload: Buffer.from(statement('grace@example.org')).toString('base64')})).count, 0)
    assert.throws(() => exact(statement('grace@example.org', {input: 'mary@example.org'})), refused('email'))
    assert.throws(() => exact(statement('grace@example.org').replace('hipaa_ci_change', 'change')), refused('email'))
    assert.throws(() => exact(statement(`AKIA${'Z'.repeat(16)}`)), {code: 'redaction.blob'})
    assert.throws(() => exact(statement('grace@example.org', {ssn: SSN})), refused('ssn'))
  })

  it('keeps what authors of public packages say in an SBOM, and nothing else', () => {
    const sbom = (text: string) => textOf(blob(JSON.stringify({supplier: text}), {mediaType: 'application/spdx+json'}))
    for (const {text} of CONTACT_CANARIES) assert.equal(sbom(text), JSON.stringify({supplier: text}))
    assert.equal(sbom(SSN), '{"supplier":"[redacted:ssn]"}')
    assert.equal(sbom('/home/jane/x'), '{"supplier":"/home/[redacted:home]/x"}')
  })

  it('looks into what a package URL says of its origin', () => {
    const purl = (more: string) => textOf(blob(JSON.stringify({locator: `pkg:generic/app@1.0.0${more}`}), {mediaType: 'application/spdx+json'}))
    assert.match(purl('?download_url=https:%2F%2Fbuild:hunter22@host.example%2Fapp.tgz'), /build:\[redacted:url-password\]@host/)
    const clean = '?arch=amd64&repository_url=registry.example%2Fapp&upstream=base-passwd%403.5'
    assert.ok(purl(clean).includes(clean))
  })

  it('does not write an archive anew', () => {
    assert.throws(() => redactBlob(blob(`log.txt\0\0\0${SSN}\0`), undefined), refused('ssn'))
  })

  it('follows gzip in gzip, and refuses what goes on for ever', () => {
    assert.throws(() => redactBlob(blob(gzipSync(gzipSync(SSN))), undefined), refused('ssn'))
    assert.throws(() => redactBlob(blob(gzipSync(gzipSync(gzipSync(gzipSync('x'))))), undefined), {code: 'redaction.blob'})
  })

  it('keeps who may act in a policy, and refuses what else it holds', () => {
    const policy = (text: string) => redactBlob(blob(text, {mediaType: POLICY_TYPE, exact: true}), undefined)
    assert.equal(policy('{"by":[{"identity":"jane@example.com","file":"/home/jane/jane.pub"}]}').count, 0)
    assert.throws(() => policy(`{"reason":"for ${SSN}"}`), refused('ssn'))
    assert.throws(() => policy('{"from":"https://u:correct-horse@host.example/list"}'), refused('url-password'))
  })

  describe('that must not change', () => {
    it('is refused with what it holds, and passes without', () => {
      assert.throws(() => redactBlob(blob(SSN, {exact: true}), undefined), refused('ssn'))
      const {bytes} = blob('{"a":"nothing"}')
      assert.deepEqual(redactBlob(blob(bytes, {exact: true}), undefined), {bytes, count: 0})
    })

    it('is looked into where a signed envelope wraps it', () => {
      const statement = (predicateType: string, text: string) => JSON.stringify({_type: 'https://in-toto.io/Statement/v1', predicateType, predicate: {text}})
      const bundle = (payload: string) =>
        blob(JSON.stringify({dsseEnvelope: {payload: Buffer.from(payload).toString('base64'), signatures: [{sig: 'MEUCIQ'.repeat(16)}]}}), {exact: true})
      assert.throws(() => redactBlob(bundle(statement('https://in-toto.io/attestation/vulns/v0.2', SSN)), undefined), refused('ssn'))
      assert.throws(() => redactBlob(bundle(statement('https://in-toto.io/attestation/vulns/v0.2', 'jane@example.com')), undefined), refused('email'))
      assert.throws(() => redactBlob(bundle(statement('https://spdx.dev/Document', SSN)), undefined), refused('ssn'))
      assert.equal(redactBlob(bundle(statement('https://spdx.dev/Document', 'jane@example.com')), undefined).count, 0)
    })
  })

  describe('that is no text', () => {
    it('is looked at byte by byte, and refused rather than changed', () => {
      assert.throws(() => redactBlob(blob(Buffer.concat([Buffer.from([0xff, 0xfe, 0x80]), Buffer.from(SSN)])), undefined), refused('ssn'))
      assert.throws(() => redactBlob(blob(Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(` ${SSN} `, 'utf16le')])), undefined), refused('ssn'))
      const bytes = Buffer.from([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3])
      assert.deepEqual(redactBlob(blob(bytes), undefined), {bytes, count: 0})
    })

    it('is looked into where it is gzip', () => {
      assert.throws(() => redactBlob(blob(gzipSync(SSN)), undefined), refused('ssn'))
      assert.throws(() => redactBlob(blob(gzipSync(Buffer.concat([Buffer.from([0xff]), Buffer.from(` ${SSN}`)]))), undefined), refused('ssn'))
      assert.equal(redactBlob(blob(gzipSync('all is well')), undefined).count, 0)
      assert.throws(() => redactBlob(blob(gzipSync(SSN).subarray(0, 15)), undefined), {
        code: 'redaction.blob',
        message: 'report is packed, and cannot be looked into',
      })
    })

    it('is looked into where it is zstd', () => {
      assert.throws(() => redactBlob(blob(zstdCompressSync(packable(SSN))), undefined), refused('ssn'))
      assert.equal(redactBlob(blob(zstdCompressSync(packable('all is well'))), undefined).count, 0)
    })

    it('is looked into where it is a zip, file by file and name by name', () => {
      const zip = (...files: readonly Parameters<typeof zipped>[]) => blob(Buffer.concat(files.map((file) => zipped(...file))))
      const fine = zip(['a.txt', packable('all is well')], ['b.txt', 'it is', 0])
      assert.deepEqual(redactBlob(fine, undefined), {bytes: fine.bytes, count: 0})
      for (const bad of [
        zip(['a.txt', 'fine'], ['b.txt', packable(SSN)]),
        zip(['b.json', '{"ssn": "078051120"}']),
        zip(['a.gz', gzipSync(packable(SSN)), 0]),
        zip(['in.zip', zipped('b.txt', packable(SSN)), 0]),
        zip(['in.zip', zipped('b.txt', packable(SSN))]),
        zip([`${SSN}.txt`, 'fine']),
      ])
        assert.throws(() => redactBlob(bad, undefined), refused('ssn'))
      const closed = {code: 'redaction.blob', message: /cannot be looked into/}
      for (const odd of [zip(['a', 'x', 12]), zip(['a', 'x', 8, 1]), blob(zipped('a', packable('x')).subarray(0, 40)), blob(zipped('a', 'x').subarray(0, 9))])
        assert.throws(() => redactBlob(odd, undefined), closed)
    })

    it('is refused where it is packed in a way that cannot be undone', () => {
      for (const start of ['\xFD7zXZ\0\x80', 'BZh91AY&SY\xF0', '7z\xBC\xAF\x27\x1C', 'Rar!\x1A\x07\x01\xF0'])
        assert.throws(() => redactBlob(blob(Buffer.from(start, 'latin1')), undefined), {code: 'redaction.blob', message: /cannot be looked into/})
    })
  })

  describe('what a comparison with an audit log found', () => {
    it('names who acted, and nobody beside; credentials and identifiers not even there', () => {
      const found = {user: 'ann@clinic.example', arn: 'arn:aws:sts::111122223333:assumed-role/ops/ann@clinic.example', says: 'asked by bob@clinic.example'}
      const bytes = Buffer.from(JSON.stringify({differences: [found, {user: SSN}], requests: [{as: 'eve@clinic.example', records: ['dan@clinic.example']}]}))
      const told = (mediaType: string) => Buffer.from(redactBlob({name: 'differences.json', mediaType, bytes}, undefined).bytes).toString()
      const text = told(DIFFERENCES_TYPE)
      for (const actor of [found.user, found.arn, 'eve@clinic.example']) assert.ok(text.includes(JSON.stringify(actor)), actor)
      for (const other of ['bob@', 'dan@', SSN]) assert.ok(!text.includes(other), other)
      assert.ok(!told('application/json').includes('"ann@clinic.example"'))
    })
  })
})

/** Long enough that nothing of it stays as it is. */
function packable(text: string): string {
  return Array.from({length: 200}, (_, index) => `line ${index} of the report: ${text}`).join('\n')
}

/** A local header of a zip and its data; `method` 0 is stored, 8 deflated. */
function zipped(name: string, content: string | Uint8Array, method = 8, flags = 0): Buffer {
  const data = method === 0 ? Buffer.from(content) : deflateRawSync(Buffer.from(content))
  const header = Buffer.alloc(30)
  header.write('PK\x03\x04', 'latin1')
  header.writeUInt16LE(flags, 6)
  header.writeUInt16LE(method, 8)
  header.writeUInt32LE(data.length, 18)
  header.writeUInt16LE(Buffer.byteLength(name), 26)
  return Buffer.concat([header, Buffer.from(name), data])
}

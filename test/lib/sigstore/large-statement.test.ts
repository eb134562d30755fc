/** An attestation as large as an SBOM of a whole distribution: verified like a small one, in bounded memory. */
import assert from 'node:assert/strict'
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {PAYLOAD_TYPE, SPDX_TYPE, statementBytes} from '../../../src/lib/evidence/statement.ts'
import {run} from '../../../src/lib/process.ts'
import {verifySignature} from '../../../src/lib/sigstore/verify-signature.ts'
import {createSigner, preAuthEncoding} from '../../fakes/dsse-signer.ts'

const MB = 1024 * 1024
const LIMIT = 300 * MB

const signer = createSigner()

/** A synthetic SBOM of about `bytes`, with packages as Syft writes those of Debian. */
function statementOf(bytes: number): Uint8Array {
  const packages = Array.from({length: bytes / 800}, (_, index) => ({
    name: `synthetic-${index}`,
    SPDXID: `SPDXRef-Package-deb-synthetic-${index}-0123456789abcdef`,
    versionInfo: `1.${index}.0-1+deb12u1`,
    supplier: 'Organization: Synthetic Maintainers <packages@example.test>',
    downloadLocation: 'NOASSERTION',
    filesAnalyzed: false,
    sourceInfo: 'acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/synthetic/copyright',
    licenseConcluded: 'NOASSERTION',
    licenseDeclared: 'GPL-2.0-only AND LGPL-2.1-or-later',
    copyrightText: 'NOASSERTION',
    externalRefs: [
      {
        referenceCategory: 'SECURITY',
        referenceType: 'cpe23Type',
        referenceLocator: `cpe:2.3:a:synthetic-${index}:synthetic-${index}:1.${index}.0-1:*:*:*:*:*:*:*`,
      },
      {
        referenceCategory: 'PACKAGE-MANAGER',
        referenceType: 'purl',
        referenceLocator: `pkg:deb/debian/synthetic-${index}@1.${index}.0-1?arch=amd64&distro=debian-12`,
      },
    ],
  }))
  return statementBytes({digests: [`sha256:${'a'.repeat(64)}`], predicateType: SPDX_TYPE, predicate: {packages}})
}

describe('verifySignature, of a large statement', () => {
  it('verifies it in every length of its last group of base64, and sees a byte changed in it', () => {
    for (const spaces of [0, 1, 2]) {
      const payload = Buffer.concat([statementOf(MB), Buffer.alloc(spaces, ' ')])
      const sig = signer.sign(preAuthEncoding(PAYLOAD_TYPE, payload)).toString('base64')
      const envelope = Buffer.from(JSON.stringify({payloadType: PAYLOAD_TYPE, payload: payload.toString('base64'), signatures: [{sig}]}))
      const bytes = Buffer.from(signer.bundle(payload))
      for (const found of [{form: 'bundle', bytes} as const, {form: 'envelope', envelope, annotations: {}} as const]) {
        const check = verifySignature(found, {keys: [signer]})
        assert.equal(check.state === 'verified' && check.content.kind, 'statement', `${found.form}, ${spaces}`)
        if (check.state !== 'verified' || check.content.kind !== 'statement') continue
        assert.ok(payload.equals(check.content.payload), found.form)
        assert.deepEqual(check.content.statement, JSON.parse(payload.toString()), found.form)
      }
      const changed = Buffer.from(bytes)
      const at = changed.byteLength / 2
      changed[Math.floor(at)] = changed[Math.floor(at)] === 0x41 ? 0x42 : 0x41
      assert.equal(verifySignature({form: 'bundle', bytes: changed}, {keys: [signer]}).state, 'failed', `${spaces}`)
    }
  })

  it('needs no more than 300 MB for one of 50 MB, with all of the process', async function () {
    // Linux alone says what was needed at most by this program, and not by who started it.
    if (process.platform !== 'linux') return
    this.timeout(300_000)
    const folder = mkdtempSync(join(tmpdir(), 'large-statement-'))
    try {
      writeFileSync(join(folder, 'bundle.json'), signer.bundle(statementOf(50_000_000)))
      writeFileSync(join(folder, 'key.json'), JSON.stringify({spki: signer.spki, pem: signer.pem}))
      const program = `
        import {readFileSync} from 'node:fs'
        const {verifySignature} = await import(${JSON.stringify(new URL('../../../src/lib/sigstore/verify-signature.ts', import.meta.url).href)})
        const check = verifySignature({form: 'bundle', bytes: readFileSync('bundle.json')}, {keys: [JSON.parse(readFileSync('key.json', 'utf8'))]})
        const [, kilobytes] = /VmHWM:\\s+(\\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))
        process.stdout.write(JSON.stringify({state: check.state, peak: kilobytes * 1024}))`
      const result = await run([process.execPath, '--input-type=module', '--eval', program], {cwd: folder})
      assert.equal(result.kind, 'exited')
      const {state, peak} = JSON.parse(result.kind === 'exited' ? result.stdout : '') as {state: string; peak: number}
      assert.equal(state, 'verified')
      assert.ok(peak < LIMIT, `${Math.round(peak / MB)} MB`)
    } finally {
      rmSync(folder, {recursive: true, force: true})
    }
  })
})

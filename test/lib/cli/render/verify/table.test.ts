import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import type {VerifyResult} from '../../../../../src/lib/actions/verify/record-verdict.ts'
import {renderVerify} from '../../../../../src/lib/cli/render/verify/table.ts'

const digest = `sha256:${'7'.repeat(64)}`
const result: VerifyResult = {
  image: `registry.example/clinic/patient-api@${digest}`,
  repository: 'registry.example/clinic/patient-api',
  digest,
  environment: 'production',
  policy: 'a'.repeat(64),
  asOf: '2026-01-02T03:04:05.678Z',
  verdict: 'missing',
  exitCode: 6,
  record: undefined,
  recorded: false,
  checks: [
    {
      name: 'signature',
      state: 'missing',
      reason: 'signature.missing',
      message: `no signature on ${digest}`,
      fix: `hipaa-ci sign registry.example/clinic/patient-api@${digest}`,
    },
    {name: 'sbom', state: 'verified', message: 'signed SPDX for linux/amd64'},
    {name: 'revocation', state: 'not-checked', message: 'no revocation list is configured'},
  ],
}
const lines = (given: VerifyResult) => stripVTControlCharacters(renderVerify(given)).split('\n')

describe('renderVerify', () => {
  it('says the verdict first, then the whole image, then every check', () => {
    const [first, ...rest] = lines(result)
    assert.equal(first, '∅ missing')
    assert.deepEqual(rest.slice(0, 2), ['  registry.example/clinic/patient-api', `  @${digest}`])
    assert.match(rest.join('\n'), /∅ signature {3}no signature on/)
    assert.match(rest.join('\n'), /\(signature\.missing\)/)
    assert.match(rest.join('\n'), /✔ sbom {8}signed SPDX for linux\/amd64/)
    assert.match(rest.join('\n'), /not recorded/)
  })

  it('fits a terminal of 100 columns, but for what is to be typed', () => {
    for (const line of lines(result)) if (!line.includes('→')) assert.ok(Array.from(line).length <= 100, line)
  })

  it('breaks no digest', () => {
    for (const before of ['no signature on ', 'signed for registry.example/clinic/patient-api@'])
      assert.match(lines({...result, checks: [{name: 'signature', state: 'failed', message: `${before}${digest} here`}]}).join('\n'), /sha256:7{64}/, before)
  })

  it('prints what is to be typed whole', () => {
    assert.ok(lines(result).includes(`  → hipaa-ci sign registry.example/clinic/patient-api@${digest}`))
  })

  it('lets no foreign text move the cursor', () => {
    const hostile = lines({
      ...result,
      checks: [{name: 'signature', state: 'failed', reason: 'signature.wrong-repository', message: 'signed for \u001b[2Jevil'}],
    })
    assert.equal(hostile.join('\n').includes('\u001b'), false)
    assert.match(hostile.join('\n'), /signed for \uFFFD\[2Jevil/)
  })
})

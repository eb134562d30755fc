import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import type {DecideResult} from '../../../../src/lib/actions/admission/decide-admission.ts'
import type {DecidedImage} from '../../../../src/lib/actions/admission/judge-ask.ts'
import {admittedBy, judgedAs, refusedFor, unchanged} from '../../../../src/lib/admission/image-verdict.ts'
import {renderDecide} from '../../../../src/lib/cli/render/admission.ts'
import {conclude} from '../../../../src/lib/policy/judge.ts'

const DIGEST = `sha256:${'a'.repeat(64)}`
const APP = {image: `registry.example/team/app@${DIGEST}`, repository: 'registry.example/team/app', digest: DIGEST, path: 'spec.containers[0]'}
const RECORD = {record: '01JXS800000000000000000002'}

function shown(images: DecidedImage[], more: Partial<DecideResult> = {}): string {
  const result: DecideResult = {
    exitCode: 0,
    allowed: images.every(({allowed}) => allowed),
    uid: 'u-1',
    cluster: 'prod-east',
    namespace: 'patient-api',
    operation: 'CREATE',
    dryRun: false,
    mode: 'offline',
    user: 'jane',
    environment: 'production',
    policy: 'c'.repeat(64),
    asOf: '2026-06-15T12:00:00.000Z',
    images,
    recorded: true,
    review: undefined,
    ...more,
  }
  return stripVTControlCharacters(renderDecide(result))
}

describe('cli/render/admission', () => {
  it('says what was asked, by whom, and how each image fared', () => {
    const text = shown([{...admittedBy('approved', APP), ...RECORD}, unchanged({...APP, path: 'spec.containers[1]', unchanged: true})])
    assert.match(text, /^✔ allowed {2}CREATE in patient-api on prod-east by jane\n/)
    assert.match(text, /^where +verdict +image +reasons$/m)
    assert.match(text, /^spec\.containers\[0\] {2}verified /m)
    assert.match(text, /^spec\.containers\[1\] {2}unchanged /m)
    assert.match(text, /\npolicy production sha256:cccccccccccc… {2}as of 2026-06-15T12:00:00\.000Z {2}1 record \(offline\)$/)
  })

  it('gives each fault of a refused image, and what to type, with the image filled in', () => {
    const checks = conclude([
      {name: 'signature', state: 'verified', message: 'signed'},
      {name: 'sbom', state: 'missing', reason: 'sbom.missing', message: 'no signed SBOM for linux/amd64'},
      {name: 'gate', state: 'failed', reason: 'gate.failed', message: 'the gate stopped this image'},
    ])
    const text = shown([{...judgedAs(checks, [], APP), ...RECORD}])
    assert.match(text, /^✖ refused {2}/)
    assert.match(text, /\n✖ spec\.containers\[0\]\n {2}sbom: no signed SBOM for linux\/amd64\n {2}gate: the gate stopped this image\n/)
    assert.ok(text.includes(`→ hipaa-ci attest registry.example/team/app@${DIGEST} --type sbom\n`), text)
    assert.equal(text.includes('signature: '), false)
  })

  it('says the reason where no check was made', () => {
    const text = shown([refusedFor('policy.tag', 'named by a tag, which can move', {image: 'nginx', path: 'spec.containers[0]'})], {
      environment: undefined,
      policy: undefined,
    })
    assert.match(text, /\n {2}named by a tag, which can move\n {2}→ Deploy it by digest\.\n/)
    assert.match(text, /\nno environment {2}/)
  })

  it('says when nothing, or not all, was recorded, and that it was a dry run', () => {
    const tag = refusedFor('policy.tag', '', {image: 'nginx', path: 'spec.containers[0]'})
    assert.match(shown([tag], {recorded: false}), / {2}not recorded$/)
    assert.match(shown([tag, {...tag, ...RECORD}], {recorded: false}), /1 record \(offline\), the others not recorded$/)
    assert.match(shown([tag], {dryRun: true}), /\(dry run\)/)
  })

  it("lets nobody's text move the cursor, and stays within 100 columns but for what is to be typed", () => {
    const evil = `${'x'.repeat(300)}\u001b[2J\u202e\n`
    const text = renderDecide({
      ...JSON.parse(
        JSON.stringify({exitCode: 1, allowed: false, uid: 'u', namespace: 'n', operation: 'CREATE', dryRun: false, mode: 'offline', asOf: '', recorded: true}),
      ),
      cluster: 'c\u001b[2J',
      user: 'u\u202e',
      images: [refusedFor('policy.image-name', evil, {image: evil, path: 'spec.containers[0]'})],
    } as DecideResult)
    const plain = stripVTControlCharacters(text)
    assert.doesNotMatch(plain.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
    assert.equal(text.includes('\u001b[2J'), false)
    for (const line of plain.split('\n').filter((each) => !each.includes('→'))) assert.ok(line.length <= 100, line)
  })
})

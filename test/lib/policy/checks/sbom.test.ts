import assert from 'node:assert/strict'
import {SPDX_TYPE} from '../../../../src/lib/evidence/statement.ts'
import {checkSbom} from '../../../../src/lib/policy/checks/sbom.ts'
import type {Attached, Observation} from '../../../../src/lib/policy/model.ts'
import {ago, ARM, DIGEST, KEY, NOW, observation, OTHER_KEY, policy, said, sbom} from '../situation.ts'

function judged(attached: readonly Attached[], more?: Partial<Observation>) {
  const {state, reason} = checkSbom(observation(attached, more), policy({sbom: {}}), NOW)
  return reason === undefined ? state : `${state} ${reason}`
}

const dated = (created: string) => said(SPDX_TYPE, {spdxVersion: 'SPDX-2.3', creationInfo: {created}, packages: []})

describe('checkSbom', () => {
  it('asks for nothing that the policy does not ask for', () => {
    assert.equal(checkSbom(observation([]), policy({}), NOW).state, 'not-required')
  })

  it('wants a signed SPDX document about this digest, by a trusted key', () => {
    assert.equal(judged([sbom()]), 'verified')
    assert.equal(judged([]), 'missing sbom.missing')
    assert.equal(judged([sbom(ago(1), {spki: OTHER_KEY.spki})]), 'missing sbom.missing')
    assert.equal(judged([sbom(ago(1), {digests: [ARM]})]), 'missing sbom.missing')
  })

  it('trusts no attestation by a key that is retired', () => {
    const keys = [{...KEY, status: 'retired' as const}]
    assert.equal(checkSbom(observation([sbom()]), policy({sbom: {}}, {keys}), NOW).state, 'missing')
  })

  it('wants one for every platform of an index', () => {
    const platforms = [
      {platform: 'linux/amd64', digest: DIGEST},
      {platform: 'linux/arm64', digest: ARM},
    ]
    const arm = sbom(ago(1), {digests: [ARM]})
    assert.equal(judged([sbom()], {platforms}), 'missing sbom.missing')
    assert.equal(judged([], {platforms, attached: new Map([[DIGEST, [sbom(), arm]]])}), 'missing sbom.missing')
    assert.equal(
      judged([], {
        platforms,
        attached: new Map([
          [DIGEST, [sbom()]],
          [ARM, [arm]],
        ]),
      }),
      'verified',
    )
  })

  it('judges the newest, and what has no time counts as well', () => {
    assert.equal(judged([dated(ago(2)), dated(ago(1))]), 'verified')
    for (const broken of [null, 'text', {}, {spdxVersion: 'CycloneDX', packages: []}, {spdxVersion: 'SPDX-2.3'}])
      assert.equal(judged([sbom(), said(SPDX_TYPE, broken)]), 'failed attestation.invalid', JSON.stringify(broken))
  })
})

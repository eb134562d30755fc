import assert from 'node:assert/strict'
import {platformsOf} from '../../../src/lib/images/platforms.ts'

const child = (hex: string, platform?: object, annotations?: Record<string, string>) => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: `sha256:${hex.repeat(64)}`,
  size: 1,
  ...(platform === undefined ? {} : {platform: {os: '', architecture: '', ...platform}}),
  ...(annotations === undefined ? {} : {annotations}),
})

describe('platformsOf', () => {
  it('names platforms with their variant, and keeps the attestations of a builder apart', () => {
    const attestation = child('c', {os: 'unknown', architecture: 'unknown'}, {'vnd.docker.reference.type': 'attestation-manifest'})
    const {platforms, attestations} = platformsOf({
      manifests: [child('a', {os: 'linux', architecture: 'amd64'}), child('b', {os: 'linux', architecture: 'arm', variant: 'v7'}), attestation],
    })
    assert.deepEqual(
      platforms.map(({platform}) => platform),
      ['linux/amd64', 'linux/arm/v7'],
    )
    assert.deepEqual(attestations, [attestation])
  })

  it('takes nobody at their word: an attestation that names a platform is an image', () => {
    const liar = child('d', {os: 'linux', architecture: 'amd64'}, {'vnd.docker.reference.type': 'attestation-manifest'})
    assert.equal(platformsOf({manifests: [liar]}).platforms.length, 1)
  })

  it('refuses an index in an index: of what is in it, one platform would be looked at', () => {
    for (const type of ['oci.image.index.v1', 'docker.distribution.manifest.list.v2']) {
      const nested = {...child('f', {os: 'linux', architecture: 'amd64'}), mediaType: `application/vnd.${type}+json`}
      assert.throws(() => platformsOf({manifests: [nested]}), {code: 'image.unsupported'}, type)
    }
  })

  for (const [what, platform] of [
    ['no platform', undefined],
    ['an unknown one', {os: 'unknown', architecture: 'unknown'}],
    ['half of one', {os: 'linux'}],
  ] as const) {
    it(`refuses a child with ${what}`, () => assert.throws(() => platformsOf({manifests: [child('e', platform)]}), {code: 'image.unsupported'}))
  }
})

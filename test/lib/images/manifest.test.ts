import assert from 'node:assert/strict'
import {MEDIA_TYPES, digestOf, isIndex, parseManifest} from '../../../src/lib/images/manifest.ts'

const blob = {mediaType: 'application/octet-stream', digest: `sha256:${'b'.repeat(64)}`, size: 3}
const image = {schemaVersion: 2, config: blob, layers: [blob]}
const index = {schemaVersion: 2, manifests: [{...blob, mediaType: MEDIA_TYPES.manifest}]}

function bytes(json: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(json))
}

describe('parseManifest', () => {
  it('knows an image and an index by what they hold where they do not say', () => {
    assert.equal(parseManifest(bytes(image)).descriptor.mediaType, MEDIA_TYPES.manifest)
    assert.equal(parseManifest(bytes(index)).descriptor.mediaType, MEDIA_TYPES.index)
    assert.equal(parseManifest(bytes(image), MEDIA_TYPES.dockerManifest).descriptor.mediaType, MEDIA_TYPES.dockerManifest)
  })

  it('describes the exact bytes', () => {
    const spaced = Buffer.from(` ${JSON.stringify(image)}\n`)
    assert.deepEqual(parseManifest(spaced).descriptor, {mediaType: MEDIA_TYPES.manifest, digest: digestOf(spaced), size: spaced.byteLength})
  })

  it('lists an attachment with its type and annotations, and the config type where it has none', () => {
    const attached = {...image, artifactType: 'a/b', subject: blob, annotations: {k: 'v'}}
    const {artifactType, annotations} = parseManifest(bytes(attached)).descriptor
    assert.deepEqual({artifactType, annotations}, {artifactType: 'a/b', annotations: {k: 'v'}})
    assert.equal(parseManifest(bytes({...image, subject: blob})).descriptor.artifactType, blob.mediaType)
  })

  const refused: [string, unknown, string?][] = [
    ['an image that is an index too', {...image, ...index}],
    ['an index with layers', {...index, layers: []}],
    ['neither', {schemaVersion: 2}],
    ['a config without layers', {schemaVersion: 2, config: blob}],
    ['schema version 1', {...image, schemaVersion: 1}],
    ['a type that contradicts its carrier', {...image, mediaType: MEDIA_TYPES.manifest}, MEDIA_TYPES.dockerManifest],
    ['a type that contradicts its content', {...image, mediaType: MEDIA_TYPES.index}],
    ['an unknown type', {...image, mediaType: 'text/plain'}],
    ['a digest of another algorithm', {...image, config: {...blob, digest: `sha512:${'b'.repeat(128)}`}}],
    ['a digest that is a path', {...image, layers: [{...blob, digest: 'sha256:../../x'}]}],
    ['a negative size', {...image, layers: [{...blob, size: -1}]}],
    ['a size beyond counting', {...image, layers: [{...blob, size: 1e300}]}],
    ['null', null],
    ['a second list of images for readers that do not mind the case', {...index, Manifests: index.manifests}],
    ['the same with a letter that only folds to it', {...index, ['manife\u017fts']: index.manifests}],
    ['a second digest of a child', {...index, manifests: [{...blob, mediaType: MEDIA_TYPES.manifest, Digest: `sha256:${'e'.repeat(64)}`}]}],
    ['a second layer list', {...image, LAYERS: []}],
    ['a second digest of a layer', {...image, layers: [{...blob, DIGEST: blob.digest}]}],
    [
      'a second system of a child',
      {...index, manifests: [{...blob, mediaType: MEDIA_TYPES.manifest, platform: {os: 'linux', architecture: 'amd64', OS: 'windows'}}]},
    ],
  ]
  for (const [what, json, carried] of refused) {
    it(`refuses ${what}`, () => assert.throws(() => parseManifest(bytes(json), carried), {code: 'image.unsupported'}))
  }

  it('minds no name of somebody else, in any case', () => {
    const annotations = {Digest: 'of something', MediaType: 'text/plain'}
    assert.equal(isIndex(parseManifest(bytes({...index, annotations, 'x-Layers': 1, toString: 2, constructor: 3})).json), true)
  })

  it('refuses what is no JSON', () => {
    for (const text of ['', '{', '<html>']) assert.throws(() => parseManifest(Buffer.from(text)), {code: 'image.unsupported'})
    assert.throws(() => parseManifest(Uint8Array.of(0x22, 0xff, 0x22)), {code: 'image.unsupported'})
  })
})

import assert from 'node:assert/strict'
import {buildSbom, type SbomRequest} from '../../../../src/lib/actions/scan/build-sbom.ts'
import {blobKey} from '../../../../src/lib/evidence/key.ts'
import {memoryStore} from '../../../fakes/memory-store.ts'
import {scanContext, type ScanSetting} from '../../../fakes/scan-context.ts'
import {recording} from '../../recording.ts'
import {imageStore, oneImage, REPOSITORY, twoPlatforms, vulnerable} from './scan-world.ts'

async function build(setting: Partial<ScanSetting> = {}, request: Partial<SbomRequest> = {}, picture = oneImage()) {
  const {image, digest} = await imageStore(picture)
  const context = scanContext({
    target: {kind: 'registry', repository: REPOSITORY, digest, text: REPOSITORY},
    image,
    answers: {syft: vulnerable.syft},
    ...setting,
  })
  const built = await buildSbom({target: REPOSITORY, ...request}, context)
  assert.equal(context.left(), 0, 'a private copy was left')
  return {...built, context, digest}
}

const document = (change: (text: string) => string) => () => ({
  files: new Map([['sbom.spdx.json', Buffer.from(change(recording('syft@1.51.0/image.spdx.json').toString()))]]),
})

describe('sbom', () => {
  it('counts packages by type and records the document', async () => {
    const evidence = memoryStore()
    const {result, documents, context, digest} = await build({evidence})
    assert.equal(result.packages, 4)
    assert.deepEqual(result.types[0], {type: 'npm', count: 2})
    assert.deepEqual(result.platforms, [{platform: 'linux/amd64', digest, document: 'sbom.linux-amd64.spdx.json', packages: 4}])
    const [record] = await context.records()
    assert.ok(record?.stream === 'sbom')
    assert.equal(record.id, result.record)
    assert.equal(record.subject, `${REPOSITORY}@${digest}`)
    assert.equal(record.data.outcome, 'pass')
    assert.deepEqual(record.data.detail, {
      format: 'spdx-2.3+json',
      packages: 4,
      platforms: [{platform: 'linux/amd64', digest, packages: 4, blob: 'sbom.linux-amd64.spdx.json'}],
      unscanned: [],
    })
    assert.deepEqual(await evidence.get(blobKey(record.data.blobs[0]?.sha256 ?? '')), Uint8Array.from(documents[0] ?? []))
  })

  it('describes every platform by itself', async () => {
    const {result, context} = await build({}, {}, twoPlatforms())
    assert.deepEqual(
      result.platforms.map(({document: name}) => name),
      ['sbom.linux-amd64.spdx.json', 'sbom.linux-arm64.spdx.json'],
    )
    assert.deepEqual(
      context.calls.map(({argv}) => argv[1]),
      result.platforms.map(({digest}) => `oci-dir:/copies/${digest ?? ''}`),
    )
    const [record] = await context.records()
    assert.equal(record?.data.blobs.length, 2)
  })

  it('limits the platforms by configuration or flag, and says which it left out', async () => {
    const configured = await build({platforms: ['linux/arm64', 'linux/s390x']}, {}, twoPlatforms())
    assert.deepEqual([configured.result.platforms.map(({platform}) => platform), configured.result.leftOut], [['linux/arm64'], ['linux/amd64']])
    const flagged = await build({platforms: ['linux/arm64']}, {platforms: ['linux/amd64']}, twoPlatforms())
    assert.deepEqual(
      flagged.result.platforms.map(({platform}) => platform),
      ['linux/amd64'],
    )
    await assert.rejects(build({}, {platforms: ['linux/amd64', 'windows/amd64']}, twoPlatforms()), {code: 'usage.flag'})
    await assert.rejects(build({platforms: ['linux/s390x']}, {}, twoPlatforms()), {code: 'platform.missing'})
  })

  it('names a layout by digest, or by the repository that it stands for', async () => {
    const target = {kind: 'layout', path: '/layout', text: './layout'} as const
    const {image, digest} = await imageStore()
    const layout = {...image, repository: undefined, kind: 'layout' as const}
    const bare = scanContext({target: {...target, digest}, image: layout, answers: {syft: vulnerable.syft}})
    await buildSbom({target: './layout'}, bare)
    assert.equal((await bare.records())[0]?.subject, `urn:hipaa-ci:image:${digest}`)
    const named = scanContext({target: {...target, digest}, image: layout, answers: {syft: vulnerable.syft}})
    await buildSbom({target: './layout', repository: REPOSITORY}, named)
    assert.equal((await named.records())[0]?.subject, `${REPOSITORY}@${digest}`)
    assert.ok(!named.calls[0]?.argv.includes('./layout'), 'a path of this machine stands in the document')
  })

  it('describes a folder under the run, and an archive under its configuration', async () => {
    const folder = scanContext({target: {kind: 'folder', path: '/a/service', text: '.'}, answers: {syft: vulnerable.syft}})
    const {result} = await buildSbom({target: '.'}, folder)
    assert.deepEqual(result.platforms, [{platform: 'unknown/unknown', document: 'sbom.spdx.json', packages: 4}])
    assert.match((await folder.records())[0]?.subject ?? '', /^urn:hipaa-ci:run:/)
    const archive = scanContext({target: {kind: 'archive', path: '/i.tar', format: 'docker-archive', text: 'i.tar'}, answers: {syft: vulnerable.syft}})
    await buildSbom({target: 'i.tar'}, archive)
    assert.equal((await archive.records())[0]?.subject, `urn:hipaa-ci:image-config:sha256:${'c'.repeat(64)}`)
    assert.equal(archive.calls[0]?.argv[1], 'docker-archive:/i.tar')
  })

  it('warns where no package was found', async () => {
    const empty = document((text) => JSON.stringify({...(JSON.parse(text) as object), packages: [], relationships: []}))
    const {result, context} = await build({answers: {syft: empty}})
    assert.equal(result.exitCode, 0)
    assert.match(result.warnings.join(), /no package was found for linux\/amd64/)
    assert.equal((await context.records())[0]?.data.outcome, 'warn')
  })

  it('hands out the very bytes that it stores, without home folders in them', async () => {
    const evidence = memoryStore()
    const {documents, context} = await build({evidence, answers: {syft: document((text) => text.replaceAll('/app/', '/home/ada/'))}})
    const text = Buffer.from(documents[0] ?? []).toString()
    assert.ok(!text.includes('/home/ada'))
    assert.match(text, /\/home\/\[redacted:home\]/)
    const [record] = await context.records()
    assert.equal(Buffer.from((await evidence.get(blobKey(record?.data.blobs[0]?.sha256 ?? ''))) ?? []).toString(), text)
  })

  it('fails with the tool, and records nothing', async () => {
    const {image, digest} = await imageStore()
    const context = scanContext({target: {kind: 'registry', repository: REPOSITORY, digest, text: REPOSITORY}, image, answers: {syft: () => ({exitCode: 1})}})
    await assert.rejects(buildSbom({target: REPOSITORY}, context), {code: 'tool.failed'})
    assert.equal(context.left(), 0)
    assert.deepEqual(await context.records(), [])
  })
})

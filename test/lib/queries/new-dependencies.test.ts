import assert from 'node:assert/strict'
import {digestOf, EvidenceWriter, image} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, gapCodes, pick} from './ask.ts'

const npm = (name: string, version: string) => ({name, version, purl: `pkg:npm/${name}@${version}`})
const COLUMNS = ['change', 'component', 'version', 'previous_version'] as const

describe('new-dependencies', () => {
  it('lists what the image before did not have', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.sbom(image('v1'), [npm('kept', '1.0.0'), npm('raised', '1.0.0'), npm('dropped', '1.0.0')])
    await writer.sbom(image('v2'), [npm('kept', '1.0.0'), npm('raised', '2.0.0'), npm('brand-new', '0.1.0')])
    await writer.deployment(image('v1'), {at: '2026-03-03T00:00:00.000Z'})
    await writer.deployment(image('v2'), {at: '2026-03-04T00:00:00.000Z'})
    const result = await ask(store, 'new-dependencies', {from: '2026-03-04'})
    assert.deepEqual(pick(result, ...COLUMNS), [
      ['added', 'brand-new', '0.1.0', null],
      ['version', 'raised', '2.0.0', '1.0.0'],
    ])
    assert.deepEqual(pick(result, 'digest', 'previous', 'deployed_by')[0], [digestOf('v2'), digestOf('v1'), 'jo'])
    assert.equal(result.exitCode, 0)
  })

  it('lists everything of a first deployment', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.sbom(image('v1'), [npm('a', '1'), npm('b', '1')])
    await writer.deployment(image('v1'))
    assert.deepEqual(pick(await ask(store, 'new-dependencies'), ...COLUMNS), [
      ['first', 'a', '1', null],
      ['first', 'b', '1', null],
    ])
  })

  it('lists nothing for the same image again, nor for the same components in another image', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    for (const name of ['v1', 'v2']) await writer.sbom(image(name), [npm('a', '1')])
    for (const name of ['v1', 'v1', 'v2']) await writer.deployment(image(name))
    assert.deepEqual(pick(await ask(store, 'new-dependencies'), 'change'), [['first']])
  })

  it('compares with what ran in the same place, or with what the deployment says', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.sbom(image('v1'), [npm('a', '1')])
    await writer.sbom(image('v2'), [npm('a', '1'), npm('b', '1')])
    await writer.sbom(image('v3'), [npm('a', '1'), npm('b', '1'), npm('c', '1')])
    await writer.deployment(image('v2'), {environment: 'staging'})
    await writer.deployment(image('v1'))
    await writer.deployment(image('v3'), {previous: digestOf('v2')})
    const result = await ask(store, 'new-dependencies', {environment: 'production'})
    assert.deepEqual(pick(result, 'change', 'component'), [
      ['first', 'a'],
      ['added', 'c'],
    ])
  })

  it('tells packages of one name by type', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.sbom(image('v1'), [npm('yaml', '1')])
    await writer.sbom(image('v2'), [npm('yaml', '1'), {name: 'yaml', version: '1', purl: 'pkg:pypi/yaml@1'}])
    await writer.deployment(image('v1'))
    await writer.deployment(image('v2'))
    assert.deepEqual(pick(await ask(store, 'new-dependencies'), 'change', 'type').at(-1), ['added', 'pypi'])
  })

  it('is incomplete where an image cannot be compared, and shows no rows for it', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.sbom(image('v1'), [npm('a', '1')])
    await writer.sbom(image('v3'), [npm('a', '1')])
    for (const name of ['v1', 'v2', 'v3']) await writer.deployment(image(name))
    const result = await ask(store, 'new-dependencies')
    assert.deepEqual(pick(result, 'change'), [['first']])
    assert.deepEqual(gapCodes(result), ['sbom.missing', 'sbom.missing'])
    assert.equal(result.exitCode, 6)
  })
})

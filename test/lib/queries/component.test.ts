import assert from 'node:assert/strict'
import {digestOf, EvidenceWriter, image} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, gapCodes, pick} from './ask.ts'

const log4j = (version: string) => ({name: 'log4j-core', version, purl: `pkg:maven/org.apache.logging.log4j/log4j-core@${version}`, license: 'Apache-2.0'})
const COMPONENT = 'log4j-core@2.14.1'

async function story() {
  const store = memoryStore()
  const writer = new EvidenceWriter(store)
  await writer.sbom(image('v1'), [log4j('2.14.1'), {name: '@angular/core', version: '17.0.0', purl: 'pkg:npm/%40angular/core@17.0.0'}])
  await writer.sbom(image('v2'), [log4j('2.17.1')])
  await writer.sbom(image('unused'), [log4j('2.14.1')])
  await writer.deployment(image('v1'), {environment: 'staging'})
  await writer.deployment(image('v1'))
  await writer.deployment(image('v2'))
  return {store, writer}
}

describe('component', () => {
  it('finds every image that has it, and says where it runs now', async () => {
    const {store} = await story()
    const result = await ask(store, 'component', {component: COMPONENT})
    // In production the fixed one runs by now.
    assert.deepEqual(pick(result, 'component', 'version', 'image', 'running', 'environment'), [
      ['log4j-core', '2.14.1', image('v1'), true, 'staging'],
      ['log4j-core', '2.14.1', image('unused'), false, null],
    ])
    assert.equal(result.exitCode, 0)
    assert.deepEqual(result.answer.ipe.notes, ['other versions in the store: log4j-core 2.17.1'])
  })

  for (const [text, count] of [
    ['log4j-core', 3],
    ['LOG4J-Core@2.14.1', 2],
    ['log4j-core@2.14', 2],
    ['log4j-core@2', 3],
    ['log4j-core@2.1', 0],
    ['org.apache.logging.log4j:log4j-core@2.14.1', 2],
    ['com.example:log4j-core@2.14.1', 0],
    ['pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1', 2],
    ['pkg:npm/log4j-core@2.14.1', 0],
    ['@angular/core', 1],
    ['core@17.0.0', 1],
    ['@other/core', 0],
    ['log4j-core@%', 0],
  ] as const) {
    it(`finds ${count} by ${text}`, async () => {
      const {store} = await story()
      assert.equal((await ask(store, 'component', {component: text})).answer.rows.length, count)
    })
  }

  it('says which similar names there are, as nobody knows a name by heart', async () => {
    const {store} = await story()
    const {answer} = await ask(store, 'component', {component: 'log4j'})
    assert.deepEqual(answer.rows, [])
    assert.deepEqual(answer.ipe.notes, ['similar names in the store, not listed: log4j-core'])
  })

  it('says what has the name, but is of another group or type', async () => {
    const {store} = await story()
    const notes = async (component: string) => (await ask(store, 'component', {component})).answer.ipe.notes
    assert.deepEqual(await notes('angular/core'), [
      'of the same name from elsewhere, not listed: @angular/core (npm, @angular)',
      'similar names in the store, not listed: log4j-core',
    ])
    assert.deepEqual(await notes('pkg:npm/log4j-core'), ['of the same name from elsewhere, not listed: log4j-core (maven, org.apache.logging.log4j)'])
  })

  it('is incomplete while an image without an SBOM runs', async () => {
    const {store, writer} = await story()
    await writer.deployment(image('nobody-knows'), {workload: 'worker'})
    const result = await ask(store, 'component', {component: COMPONENT})
    assert.deepEqual(gapCodes(result), ['sbom.missing'])
    assert.match(result.answer.ipe.gaps[0]?.what ?? '', /nobody-knows|production\/patient-api\/worker, and has no SBOM/)
    assert.equal(result.exitCode, 6)
  })

  it('is incomplete while an image runs whose SBOM left something out', async () => {
    const {store, writer} = await story()
    await writer.sbom(image('half'), [], {unscanned: 1})
    await writer.deployment(image('half'), {workload: 'worker'})
    const result = await ask(store, 'component', {component: COMPONENT})
    assert.deepEqual(gapCodes(result), ['query.incomplete'])
    assert.equal(result.exitCode, 6)
  })

  it('is complete about an environment in which everything is described', async () => {
    const {store, writer} = await story()
    await writer.deployment(image('nobody-knows'), {workload: 'worker'})
    const result = await ask(store, 'component', {component: COMPONENT, environment: 'staging'})
    assert.deepEqual(pick(result, 'image', 'environment'), [[image('v1'), 'staging']])
    assert.equal(result.exitCode, 0)
  })

  it('looks back to the time asked for', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.sbom(image('v1'), [log4j('2.14.1')], {at: '2026-03-01T00:00:00.000Z'})
    await writer.deployment(image('v1'), {at: '2026-03-02T00:00:00.000Z'})
    await writer.sbom(image('v2'), [], {at: '2026-03-03T00:00:00.000Z'})
    await writer.deployment(image('v2'), {at: '2026-03-04T00:00:00.000Z'})
    assert.deepEqual(pick(await ask(store, 'component', {component: COMPONENT}), 'running'), [[false]])
    assert.deepEqual(pick(await ask(store, 'component', {component: COMPONENT, to: '2026-03-03'}), 'running'), [[true]])
  })

  it("finds a platform's component where the index is deployed, and the other way round", async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    await writer.sbom(image('index'), [log4j('2.14.1')], {platform: digestOf('amd64')})
    await writer.deployment(image('index'), {workload: 'by-index'})
    await writer.deployment(image('amd64'), {workload: 'by-platform'})
    assert.deepEqual(pick(await ask(store, 'component', {component: COMPONENT}), 'workload'), [['by-index'], ['by-platform']])
  })

  it('does not take a failed deployment for what runs', async () => {
    const {store, writer} = await story()
    await writer.deployment(image('v2'), {environment: 'staging', outcome: 'fail'})
    assert.deepEqual(pick(await ask(store, 'component', {component: COMPONENT, environment: 'staging'}), 'running'), [[true]])
  })

  it('lists an image once, however often its SBOM was made', async () => {
    const {store, writer} = await story()
    const {record} = await writer.sbom(image('unused'), [log4j('2.14.1')])
    const result = await ask(store, 'component', {component: COMPONENT})
    assert.deepEqual(pick(result, 'sbom_record').at(-1), [record.id])
    assert.equal(result.answer.rows.length, 2)
  })

  describe('of one digest under two names', () => {
    const OTHER = 'registry.example/prod/mirror'

    it('runs under the name that was deployed alone', async () => {
      const store = memoryStore()
      const writer = new EvidenceWriter(store)
      await writer.sbom(image('v1'), [log4j('2.14.1')])
      await writer.sbom(image('v1', OTHER), [log4j('2.14.1')])
      await writer.deployment(image('v1'))
      const result = await ask(store, 'component', {component: COMPONENT})
      assert.deepEqual(pick(result, 'image', 'running', 'environment'), [
        [image('v1'), true, 'production'],
        [image('v1', OTHER), false, null],
      ])
      assert.deepEqual(result.answer.ipe.notes, [`${image('v1', OTHER)} does not run under this name; the same digest runs as ${image('v1')}`])
      assert.equal(result.exitCode, 0)
    })

    it('runs also where its SBOM was made under the other: nothing that runs is hidden', async () => {
      const store = memoryStore()
      const writer = new EvidenceWriter(store)
      await writer.sbom(image('v1', OTHER), [log4j('2.14.1')])
      await writer.deployment(image('v1'))
      const result = await ask(store, 'component', {component: COMPONENT})
      assert.deepEqual(pick(result, 'image', 'running'), [
        [image('v1'), true],
        [image('v1', OTHER), false],
      ])
      assert.equal(result.answer.ipe.notes.length, 1)
      assert.deepEqual(pick(await ask(store, 'component', {component: COMPONENT, environment: 'production'}), 'image', 'running'), [[image('v1'), true]])
    })

    it('runs under both where both were deployed', async () => {
      const store = memoryStore()
      const writer = new EvidenceWriter(store)
      for (const name of [image('v1', OTHER), image('v1')]) {
        await writer.sbom(name, [log4j('2.14.1')])
        await writer.deployment(name)
      }
      const result = await ask(store, 'component', {component: COMPONENT})
      assert.deepEqual(pick(result, 'image', 'running'), [
        [image('v1', OTHER), true],
        [image('v1'), true],
      ])
      assert.deepEqual(result.answer.ipe.notes, [])
    })
  })

  it('finds components with hostile names', async () => {
    const store = memoryStore()
    const writer = new EvidenceWriter(store)
    const name = `=cmd|' /C calc'!A0`
    await writer.sbom(image('v1'), [{name, version: '1'}])
    assert.deepEqual(pick(await ask(store, 'component', {component: `${name}@1`}), 'component'), [[name]])
    assert.deepEqual(pick(await ask(store, 'component', {component: "c calc'!A0"}), 'component'), [[name]])
  })
})

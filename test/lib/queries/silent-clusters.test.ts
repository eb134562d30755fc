import assert from 'node:assert/strict'
import {QUESTIONS} from '../../../src/lib/queries/catalogue.ts'
import {restsOnClusters} from '../../../src/lib/queries/clusters.ts'
import {EvidenceWriter, hex, image} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {ask, gapCodes} from './ask.ts'

const DAY = '2026-03-02'
const at = (clock: string) => ({at: `${DAY}T${clock}:00.000Z`})
const until = (clock: string) => ({to: `${DAY}T${clock}:00Z`})
const enforces = (cluster: string) => ({cluster, replica: '0', policy: hex('p'), exempt: [], rollout: [], log: 'volume' as const})

function world() {
  const store = memoryStore()
  return {store, writer: new EvidenceWriter(store)}
}

async function silent(store: ReturnType<typeof memoryStore>, request: Parameters<typeof ask>[2], name = 'rejected') {
  const {answer, exitCode} = await ask(store, name, request)
  return {
    exitCode,
    gaps: answer.ipe.gaps.map(({code, what}) => `${code}: ${what}`),
    clusters: answer.ipe.clusters.map(({cluster, since, until: last, state}) => `${cluster} ${since.slice(11, 16)} ${last.slice(11, 16)} ${state}`),
  }
}

describe('a cluster that went silent', () => {
  it('is named, and makes the answer incomplete; one that reports is named beside it', async () => {
    const {store, writer} = world()
    await writer.write('enforcement', enforces('prod-east'), at('08:00'))
    await writer.write('canary', {cluster: 'prod-west', namespace: 'web', answer: 'refused'}, at('08:10'))
    await writer.write('enforcement', enforces('prod-east'), at('10:00'))
    assert.deepEqual(await silent(store, until('11:00')), {
      exitCode: 6,
      gaps: [`admission.silent: the cluster prod-west (system patient-api) has been silent since ${DAY}T08:10:00.000Z`],
      clusters: ['prod-east 08:00 10:00 reporting', 'prod-west 08:10 08:10 silent'],
    })
  })

  it('is one after an hour and a little more, whatever it reported last', async () => {
    for (const stream of ['enforcement', 'canary', 'admission', 'run'] as const) {
      const {store, writer} = world()
      const run = writer.run()
      await writer.write('enforcement', enforces('prod-east'), {...at('07:00'), run})
      if (stream === 'enforcement') await writer.write('enforcement', enforces('prod-east'), at('09:00'))
      if (stream === 'canary') await writer.write('canary', {cluster: 'prod-east', namespace: 'web', answer: 'refused'}, at('09:00'))
      if (stream === 'admission') await writer.admission(image('good'), at('09:00'))
      if (stream === 'run')
        await writer.write('run', {phase: 'end', expected: [], missing: [], jobs: [{job: 'main', count: 1, last: run.last ?? ''}]}, {...at('09:00'), run})
      assert.deepEqual((await silent(store, until('10:15'))).clusters, ['prod-east 07:00 09:00 reporting'], stream)
      assert.deepEqual((await silent(store, until('10:16'))).clusters, ['prod-east 07:00 09:00 silent'], stream)
    }
  })

  it('is one also where its servers ended in order: they may be gone for good', async () => {
    const {store, writer} = world()
    const run = writer.run()
    await writer.write('run', {phase: 'start', expected: []}, {...at('08:00'), run})
    await writer.write('enforcement', enforces('prod-east'), {...at('08:00'), run})
    await writer.write('run', {phase: 'end', expected: [], missing: [], jobs: [{job: 'main', count: 1, last: run.last ?? ''}]}, {...at('08:30'), run})
    assert.deepEqual((await silent(store, until('12:00'))).gaps, [
      `admission.silent: the cluster prod-east (system patient-api) has been silent since ${DAY}T08:30:00.000Z`,
    ])
  })

  it('is none once somebody said that it was taken out of service, until it reports again', async () => {
    const {store, writer} = world()
    await writer.write('enforcement', enforces('prod-east'), at('08:00'))
    await writer.write('enforcement', {cluster: 'prod-east', ended: 'retired'}, at('08:10'))
    // Its servers say something more while they are stopped.
    await writer.write('canary', {cluster: 'prod-east', namespace: 'web', answer: 'unknown'}, at('08:20'))
    assert.deepEqual(await silent(store, until('20:00')), {exitCode: 0, gaps: [], clusters: ['prod-east 08:00 08:20 out-of-service']})
    await writer.write('enforcement', enforces('prod-east'), at('14:00'))
    assert.deepEqual((await silent(store, until('20:00'))).clusters, ['prod-east 08:00 14:00 silent'])
  })

  it('ends its gaps where it was taken out of service', async () => {
    const {store, writer} = world()
    await writer.write('canary', {cluster: 'prod-east', namespace: 'web', answer: 'refused'}, at('08:00'))
    await writer.write('enforcement', {cluster: 'prod-east', ended: 'retired'}, at('08:30'))
    assert.deepEqual((await ask(store, 'enforcement-gaps', until('20:00'))).answer.rows, [])
    await writer.write('canary', {cluster: 'prod-east', namespace: 'web', answer: 'admitted'}, at('08:20'))
    const {answer} = await ask(store, 'enforcement-gaps', until('20:00'))
    assert.deepEqual(
      answer.rows.map(({gap, ends, ended_by}) => [gap, ends, ended_by]),
      [['admitted', `${DAY}T08:30:00.000Z`, 'taken out of service']],
    )
  })

  it('is named where it may have been asked for the environment, and by the system that it is of', async () => {
    const {store, writer} = world()
    await writer.admission(image('good'), {...at('08:00'), cluster: 'test-east', environment: 'staging'})
    await writer.write('enforcement', enforces('prod-west'), at('08:00'))
    await writer.deployment(image('good'), at('08:00'))
    const named = async (request: object) => (await silent(store, {...until('12:00'), ...request})).clusters.map((line) => line.split(' ')[0])
    assert.deepEqual(await named({}), ['prod-west', 'test-east'])
    assert.deepEqual(await named({environment: 'production'}), ['prod-west'])
    assert.deepEqual(await named({environment: 'staging'}), ['prod-west', 'test-east'])
    assert.deepEqual(await named({system: 'billing'}), [])
  })

  it('is told by its account and region where it is called by its ARN', async () => {
    const {store, writer} = world()
    await writer.write('enforcement', enforces('arn:aws:eks:eu-central-1:111122223333:cluster/prod-east'), at('08:00'))
    const {answer} = await ask(store, 'deployments', until('08:30'))
    assert.deepEqual(
      answer.ipe.clusters.map(({account, region}) => [account, region]),
      [['111122223333', 'eu-central-1']],
    )
  })

  it('is nobody’s business where a judgement by hand named it', async () => {
    const {store, writer} = world()
    await writer.admission(image('good'), {...at('08:00'), mode: 'offline'})
    assert.deepEqual(await silent(store, until('12:00')), {exitCode: 0, gaps: [], clusters: []})
  })

  it('leaves a run of a server that goes on whole, and one that nobody followed up after another boot named it not', async () => {
    const {store, writer} = world()
    const run = writer.run()
    await writer.write('run', {phase: 'start', expected: []}, {...at('08:00'), run})
    await writer.write('enforcement', enforces('prod-east'), {...at('08:00'), run})
    assert.deepEqual(gapCodes(await ask(store, 'deployments', until('09:00'))), [])
    const next = writer.run()
    await writer.write('run', {phase: 'start', expected: [], previous: run.runid}, {...at('08:30'), run: next})
    await writer.write('enforcement', enforces('prod-east'), {...at('08:30'), run: next})
    assert.deepEqual(gapCodes(await ask(store, 'deployments', until('09:00'))), ['run.no-end'])
  })

  it('concerns every question that reads what clusters report; a run is whole by itself', () => {
    const concerned = QUESTIONS.filter(restsOnClusters).map(({name}) => name)
    assert.deepEqual(
      QUESTIONS.map(({name}) => name).filter((name) => !concerned.includes(name)),
      ['run'],
    )
  })
})

/** What counts as deployed, for every question: one admission of each kind, and whether the answer is another one for it. */
import assert from 'node:assert/strict'
import {answerQuery} from '../../../src/lib/actions/query/answer-query.ts'
import type {DetailOf} from '../../../src/lib/evidence/schema.ts'
import {QUESTIONS} from '../../../src/lib/queries/catalogue.ts'
import {EvidenceWriter, hex, image} from '../../fakes/evidence-writer.ts'
import {memoryStore} from '../../fakes/memory-store.ts'
import {queryContext} from '../../fakes/query-context.ts'

const REFUSED: Partial<DetailOf<'admission'>> = {verdict: 'failed', reasons: ['signature.missing'], signatures_tried: []}

const ADMISSIONS: Readonly<Record<string, Partial<DetailOf<'admission'>>>> = {
  'let in': {},
  'let in, warned': {mode: 'warn', ...REFUSED},
  'let in, exempted': {exemption: hex('exemption'), ...REFUSED},
  refused: {...REFUSED},
  'could not check': {...REFUSED, verdict: 'could-not-check', reasons: ['registry.unreachable']},
  'could not check, by an older record of a warning': {...REFUSED, mode: 'warn', verdict: 'could-not-check', reasons: ['registry.unreachable']},
  'dry run': {dry_run: true},
  'dry run, warned': {dry_run: true, mode: 'warn', ...REFUSED},
  'dry run, exempted': {dry_run: true, exemption: hex('exemption'), ...REFUSED},
  'dry run, refused': {dry_run: true, ...REFUSED},
  audit: {mode: 'audit'},
  'audit, refused': {mode: 'audit', ...REFUSED},
  advice: {mode: 'advice', kind: 'Deployment'},
  'advice, refused': {mode: 'advice', kind: 'Deployment', ...REFUSED},
  offline: {mode: 'offline'},
  'offline, refused': {mode: 'offline', ...REFUSED},
  'offline, exempted': {mode: 'offline', exemption: hex('exemption'), ...REFUSED},
}

const DEPLOYED: readonly string[] = ['let in', 'let in, warned', 'let in, exempted']

/** What changes an answer. Undefined: it is about records of any kind, or about none of these. */
const COUNTS: Readonly<Record<string, readonly string[] | undefined>> = {
  deployments: DEPLOYED,
  'signed-images': ['let in'],
  'unsigned-in-production': ['let in, warned', 'let in, exempted'],
  component: DEPLOYED,
  'new-dependencies': DEPLOYED,
  'scan-coverage': DEPLOYED,
  rejected: ['refused', 'could not check', 'could not check, by an older record of a warning', 'offline, refused'],
  'enforcement-gaps': [],
  'break-glass': [],
  run: undefined,
}
const ASKED: Readonly<Record<string, object>> = {component: {component: 'log4j-core'}}

/** Rows of each question that is asked, where the admission was recorded; or nothing in its place. */
async function answers(admission: Partial<DetailOf<'admission'>> | undefined): Promise<ReadonlyMap<string, string>> {
  const store = memoryStore()
  const writer = new EvidenceWriter(store)
  await writer.sbom(image('v1'), [])
  await writer.sbom(image('v2'), [{name: 'log4j-core', version: '2.14.1'}])
  await writer.deployment(image('v1'), {cluster: 'prod-east'})
  if (admission !== undefined) await writer.admission(image('v2'), admission)
  const {context, remove} = await queryContext(store, {noRecord: true})
  try {
    const found = new Map<string, string>()
    for (const [name, counted] of Object.entries(COUNTS))
      if (counted !== undefined) found.set(name, JSON.stringify((await answerQuery({name, fresh: false, ...ASKED[name]}, context)).answer.rows))
    return found
  } finally {
    await remove()
  }
}

describe('what counts', function () {
  // An index for each kind, and every question of it.
  this.timeout(300_000)
  const told = new Map<string, ReadonlyMap<string, string>>()
  let without: ReadonlyMap<string, string>
  before(async () => {
    without = await answers(undefined)
    for (const [kind, admission] of Object.entries(ADMISSIONS)) told.set(kind, await answers(admission))
  })

  it('is said of every question', () => assert.deepEqual(Object.keys(COUNTS).toSorted(), QUESTIONS.map(({name}) => name).toSorted()))

  for (const [question, counted] of Object.entries(COUNTS)) {
    if (counted === undefined) continue
    it(`for ${question}: ${counted.join('; ') || 'none of it'}`, () =>
      assert.deepEqual(
        Object.keys(ADMISSIONS).filter((kind) => told.get(kind)?.get(question) !== without.get(question)),
        counted,
      ))
  }
})

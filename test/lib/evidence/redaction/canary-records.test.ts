/**
 * The canary corpus in every free field of every record type, through the real recorder into a store: what is stored does
 * not hold the value in any form, or nothing was stored.
 */
import assert from 'node:assert/strict'
import process from 'node:process'
import {gunzipSync} from 'node:zlib'
import {AppError} from '../../../../src/lib/errors.ts'
import {STREAM_SCHEMAS, type EvidenceRecord} from '../../../../src/lib/evidence/schema.ts'
import {STREAMS} from '../../../../src/lib/evidence/streams.ts'
import type {MemoryStore} from '../../../fakes/memory-store.ts'
import {CONTACT_CANARIES, PLACE_CANARIES, type Canary} from './canaries.ts'
import {CORPUS} from './corpus.ts'
import {formsOf} from './forms-of.ts'
import {plant, plantSites, type PlantSite} from './plant-sites.ts'
import {writeRecord} from './write-record.ts'

/** What cannot hold free text: the schema refuses it there, and what the writer makes itself is of these types. */
const TYPED = new Set(['Sha256', 'OciDigest', 'Ulid', 'Time'])
/** Whoever acted is called by an address, and may live anywhere. */
const KEPT_OF_PRINCIPALS = new Set([...CONTACT_CANARIES, ...PLACE_CANARIES].map(({rule}) => rule))

type Fate = 'redacted' | 'refused by redaction' | 'refused by the schema'

describe('the canary corpus', function () {
  this.timeout(600_000)
  const sites = plantSites()
  const free = sites.filter(({type}) => !TYPED.has(type))
  const isDetail = ({path}: PlantSite) => path[1] === 'detail'
  const counted: Record<Fate, number> = {redacted: 0, 'refused by redaction': 0, 'refused by the schema': 0}

  after(() => {
    process.stdout.write(
      `      ${CORPUS.length} canaries, ${free.length} free fields of ${STREAMS.length} record types: ${Object.entries(counted)
        .map(([fate, count]) => `${count} ${fate}`)
        .join(', ')}, 0 stored\n`,
    )
  })

  it('is more than 300 values, none twice', () => {
    assert.ok(CORPUS.length >= 300)
    const made = CORPUS.slice(80)
    assert.ok(new Set(made.map(({value}) => value)).size > made.length - 5)
    assert.ok(CORPUS.every(({text, value}) => text.includes(value)))
  })

  it('meets all record types, and a word that is no secret is stored in each free field', async () => {
    assert.deepEqual([...new Set(sites.map(({stream}) => stream))], [...STREAMS])
    assert.ok(free.length > 300)
    for (const site of free) {
      const word = probeFor(site)
      const stored = await storedBytes(await writeRecord(valid(site, word)))
      assert.ok(
        stored.some((bytes) => bytes.includes(word)),
        `${site.stream} ${site.path.join('.')} does not reach the store`,
      )
    }
  })

  for (const stream of STREAMS)
    it(`does not reach the store in the detail of a ${stream} record`, async () => {
      for (const site of free.filter((one) => one.stream === stream && isDetail(one))) for (const canary of CORPUS) await checkSite(site, canary, counted)
    })

  it('does not reach the store in what all records have: every value in every field, the record types taking turns', async () => {
    for (const [place, site] of free.filter((one) => !isDetail(one)).entries())
      for (const canary of CORPUS.filter((_, index) => (index + place) % STREAMS.length === STREAMS.indexOf(site.stream)))
        await checkSite(site, canary, counted)
  })

  it('does not reach the store where one value stands in all free text of a record at once', async () => {
    for (const stream of STREAMS) {
      const own = free.filter(
        (site) => site.stream === stream && ['Name', 'JsonValue'].includes(site.type) && site.record === free.find((one) => one.stream === stream)?.record,
      )
      for (const canary of CORPUS.filter(({text}) => text.length < 200)) {
        const planted = own.reduce<EvidenceRecord>((record, site) => recordOf(plant({...site, record}, canary.text)), own[0]?.record ?? assert.fail())
        const fate = await fateOf(planted, canary)
        assert.equal(fate, 'redacted', canary.text)
      }
    }
  })

  it('does not fit into a digest, an id or a time', () => {
    for (const site of sites.filter(({type}) => TYPED.has(type)))
      for (const {text} of CORPUS) assert.ok(!STREAM_SCHEMAS[site.stream].safeParse(plant(site, text)).success, `${site.path.join('.')} takes ${text}`)
  })
})

async function checkSite(site: PlantSite, canary: Canary, counted: Record<Fate, number>): Promise<void> {
  if (site.type === 'PrincipalId' && KEPT_OF_PRINCIPALS.has(canary.rule)) return
  counted[await fateOf(recordOf(plant(site, canary.text)), canary, `${site.stream} ${site.path.join('.')}`)] += 1
}

async function fateOf(record: EvidenceRecord, {value, text}: Canary, place = ''): Promise<Fate> {
  let store: MemoryStore
  try {
    store = await writeRecord(record)
  } catch (error) {
    assert.ok(error instanceof AppError, `${place} ${text}: ${String(error)}`)
    assert.ok(!error.message.includes(value) || error.code === 'record.invalid', `${place}: the message tells the value`)
    if (error.code === 'redaction.failed' || error.code === 'redaction.blob') return 'refused by redaction'
    assert.equal(error.code, 'record.invalid', `${place} ${text}`)
    return 'refused by the schema'
  }
  for (const stored of await storedBytes(store)) for (const form of formsOf(value)) assert.ok(!stored.includes(form), `${place} holds ${form} of ${text}`)
  return 'redacted'
}

async function storedBytes({objects}: MemoryStore): Promise<string[]> {
  return [...objects].map(([key, bytes]) => (key.endsWith('.gz') ? gunzipSync(bytes) : Buffer.from(bytes)).toString('utf8'))
}

function valid(site: PlantSite, word: string): EvidenceRecord {
  return STREAM_SCHEMAS[site.stream].parse(plant(site, word))
}

/** What is planted may be no record: that is for the recorder to say. */
function recordOf(planted: unknown): EvidenceRecord {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a test of what happens to records that are none
  return planted as EvidenceRecord
}

function probeFor({type, path}: PlantSite): string {
  const words = [
    'probe-q7',
    'registry.example/probe-q7@sha256:' + 'd'.repeat(64),
    'os/probe-q7',
    'https://probe-q7.example',
    '2027-04-05',
    'e'.repeat(40),
    'hipaa-ci/7.7.7',
  ]
  const byType: Readonly<Record<string, string>> = {Subject: words[1] ?? '', Platform: words[2] ?? '', Uri: words[3] ?? '', Purl: 'pkg:npm/probe-q7@1'}
  if (path.at(-1) === 'day') return words[4] ?? ''
  if (path.at(-1) === 'commit') return words[5] ?? ''
  if (path.at(-1) === 'toolversion') return words[6] ?? ''
  return byType[type] ?? words[0] ?? ''
}

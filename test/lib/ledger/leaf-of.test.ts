import assert from 'node:assert/strict'
import {gzipSync} from 'node:zlib'
import {recordKey} from '../../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../../src/lib/evidence/record.ts'
import {leafOf} from '../../../src/lib/ledger/leaf-of.ts'
import {Leaf, leafBytes, MAX_LEAF_BYTES} from '../../../src/lib/ledger/leaf.ts'
import {EvidenceWriter, hex} from '../../fakes/evidence-writer.ts'

const AT = '2026-03-02T08:00:05.000Z'
const UNTIL = '2033-03-02T08:00:05.000Z'

describe('a record as a leaf', () => {
  const writer = new EvidenceWriter({put: async () => 'written'})
  const whole = writer.seal(
    'gate',
    {policy: hex('limits'), counts: {}, decision: 'pass', reasons: [], waivers: [], scans: []},
    {blobs: {'a.json': Buffer.from('{}')}},
  )

  it('holds what was seen of the version, and what the record says', () => {
    const leaf = leafOf(whole.key, {bytes: whole.bytes, version: 'v1', lastModified: AT, lock: {mode: 'COMPLIANCE', until: UNTIL}}, false)
    const {runid, job, seq, time} = whole.record
    assert.deepEqual(leaf, {
      v: 1,
      key: whole.key,
      version: 'v1',
      sha256: whole.sha256,
      size: whole.bytes.length,
      last_modified: AT,
      lock: {mode: 'COMPLIANCE', until: UNTIL},
      stream: 'gate',
      told: {runid, job, seq, time, outcome: 'pass', blobs: [sha256Hex('{}')]},
    })
    assert.deepEqual(Leaf.parse(JSON.parse(Buffer.from(leafBytes(leaf)).toString())), leaf)
  })

  it('has its members in the order of RFC 8785, whatever order they were given in', () => {
    const leaf = leafOf(whole.key, {bytes: whole.bytes, lastModified: AT}, false)
    const text = Buffer.from(leafBytes(leaf)).toString()
    assert.equal(Buffer.from(leafBytes(Object.fromEntries(Object.entries(leaf).toReversed()) as Leaf)).toString(), text)
    assert.match(text, /^\{"key":.*"v":1\}$/)
  })

  it('is made of what is wrong, too: altered, unreadable, misplaced, a second version', () => {
    const foreign = gzipSync('{"stream":"gate"}\n')
    const elsewhere = recordKey('approval', whole.record.id, whole.sha256)
    const cases = [
      [whole.key, Buffer.from('something else'), false, 'record.altered', false],
      [whole.key, Buffer.from('something else'), true, 'record.altered', false],
      [recordKey('gate', whole.record.id, sha256Hex(foreign)), foreign, false, 'record.invalid', false],
      [recordKey('gate', whole.record.id, sha256Hex('no gzip')), Buffer.from('no gzip'), false, 'record.invalid', false],
      [elsewhere, whole.bytes, false, 'record.misplaced', true],
      [whole.key, whole.bytes, true, 'record.second-version', true],
    ] as const
    for (const [key, bytes, second, fault, told] of cases) {
      const leaf = leafOf(key, {bytes, lastModified: AT}, second)
      assert.deepEqual([leaf.fault, leaf.told !== undefined, leaf.sha256], [fault, told, sha256Hex(bytes)])
      Leaf.parse(leaf)
    }
  })

  it('does not unpack a bomb', () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024))
    assert.equal(leafOf(recordKey('gate', whole.record.id, sha256Hex(bomb)), {bytes: bomb, lastModified: AT}, false).fault, 'record.invalid')
  })

  it('leaves out the manifest that does not fit into an entry of a tile', () => {
    const jobs = Array.from({length: 200}, (_, index) => ({job: `${'j'.repeat(120)}${index}`, count: index, last: hex(`last ${index}`)}))
    const names = (length: number) => Array.from({length}, (_, index) => `job:${String(index).padStart(110, 'm')}`)
    const room = 65_200 - JSON.stringify({phase: 'end', expected: [], jobs, missing: []}).length
    const end = {phase: 'end' as const, expected: [], jobs, missing: [...names(Math.floor(room / 117)), 'm'.repeat(room % 117)]}
    const large = writer.seal('run', end)
    const leaf = leafOf(large.key, {bytes: large.bytes, lastModified: AT}, false)
    assert.equal(leaf.told?.run, 'too-large')
    assert.ok(leafBytes({...leaf, ...(leaf.told !== undefined && {told: {...leaf.told, run: end}})}).length > MAX_LEAF_BYTES)
    const small = writer.seal('run', {...end, missing: []})
    assert.deepEqual(leafOf(small.key, {bytes: small.bytes, lastModified: AT}, false).told?.run, {...end, missing: []})
  })

  it('is had whatever date a file claims, and whatever lock a store tells of', () => {
    const leaf = leafOf(whole.key, {bytes: whole.bytes, lastModified: '+275760-09-13T00:00:00.000Z', lock: {mode: 'COMPLIANCE', until: 'for ever'}}, false)
    Leaf.parse(leaf)
    assert.deepEqual([leaf.last_modified, leaf.lock], ['1970-01-01T00:00:00.000Z', undefined])
  })
})

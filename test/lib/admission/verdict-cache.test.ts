import assert from 'node:assert/strict'
import {keptUntil} from '../../../src/lib/admission/kept-until.ts'
import {verdictCache, type Keeping} from '../../../src/lib/admission/verdict-cache.ts'

const START = Date.parse('2026-06-15T12:00:00.000Z')

function cache({max = 10}: {max?: number} = {}) {
  const clock = {at: START}
  const kept = verdictCache<string>({max, now: () => new Date(clock.at)})
  const made: string[] = []
  const get = async (key: string, value: string, until = START + 1_000) =>
    kept.get(key, async () => {
      made.push(value)
      return {value, until}
    })
  return {clock, kept, made, get}
}

describe('verdictCache', () => {
  it('gives what was made before, until its end', async () => {
    const {clock, get} = cache()
    assert.equal(await get('a', 'one'), 'one')
    clock.at = START + 999
    assert.equal(await get('a', 'two'), 'one')
    clock.at = START + 1_000
    assert.equal(await get('a', 'three', START + 5_000), 'three')
  })

  it('keeps nothing that has no end in the future', async () => {
    const {get, kept} = cache()
    await get('a', 'one', START)
    assert.equal(kept.size, 0)
    assert.equal(await get('a', 'two'), 'two')
  })

  it('is not lengthened by a clock that is set back', async () => {
    const {clock, get} = cache()
    await get('a', 'one')
    clock.at = START - 3_600_000
    assert.equal(await get('a', 'two'), 'two')
  })

  it('makes one for all who ask at the same time, and gives them its error', async () => {
    const {kept, made} = cache()
    const {promise, resolve} = Promise.withResolvers<Keeping<string>>()
    const make = async () => {
      made.push('one')
      return promise
    }
    const asked = Array.from({length: 200}, async () => kept.get('a', make))
    resolve({value: 'x', until: START + 1})
    assert.deepEqual([...new Set(await Promise.all(asked))], ['x'])
    assert.deepEqual(made, ['one'])
    const fail = async () => Promise.reject(new Error('broken'))
    const failed = await Promise.allSettled([kept.get('b', fail), kept.get('b', fail)])
    assert.deepEqual(
      failed.map(({status}) => status),
      ['rejected', 'rejected'],
    )
    assert.equal(await kept.get('b', async () => ({value: 'mended', until: 0})), 'mended')
  })

  it('does not hang for all because of one that hangs, and lets that one take no later one’s place', async () => {
    const {clock, kept, get} = cache()
    const {promise, resolve} = Promise.withResolvers<Keeping<string>>()
    const hung = kept.get('a', async () => promise)
    clock.at = START + 30_000
    assert.equal(await get('a', 'later', START + 90_000), 'later')
    resolve({value: 'old', until: START + 90_000})
    assert.equal(await hung, 'old')
    assert.equal(await get('a', 'none'), 'later')
  })

  it('holds so many, and lets go of the one that was asked for longest ago', async () => {
    const {kept, get} = cache({max: 3})
    for (const key of ['a', 'b', 'c']) await get(key, key)
    await get('a', 'again')
    await get('d', 'd')
    assert.equal(kept.size, 3)
    assert.equal(await get('a', 'other'), 'a')
    assert.equal(await get('b', 'new'), 'new')
  })
})

describe('keptUntil', () => {
  const seen = new Date(START)
  const verified = {verdict: 'verified', allowed: true} as const

  it('is five minutes for an allow, and one for a denial, but never beyond the date that it hangs on', () => {
    assert.equal(keptUntil(verified, Number.POSITIVE_INFINITY, seen), START + 300_000)
    assert.equal(keptUntil({verdict: 'missing', allowed: false}, Number.POSITIVE_INFINITY, seen), START + 60_000)
    assert.equal(keptUntil(verified, START + 5, seen), START + 5)
    assert.equal(keptUntil({verdict: 'failed', allowed: false}, START + 5, seen), START + 5)
  })

  it('is no time at all for what could not be checked', () => {
    assert.equal(keptUntil({verdict: 'could-not-check', allowed: false}, Number.POSITIVE_INFINITY, seen), START)
  })
})

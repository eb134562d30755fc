import assert from 'node:assert/strict'
import {setImmediate as tick} from 'node:timers/promises'
import {byteGate} from '../../../../src/lib/actions/verify/byte-gate.ts'

describe('byteGate', () => {
  it('lets in what fits together, and what is larger than the bound alone, in the order of asking', async () => {
    const gate = byteGate(10)
    const log: string[] = []
    const doors: (() => void)[] = []
    const work = (name: string, bytes: number) =>
      gate(bytes, async () => {
        log.push(`in ${name}`)
        await new Promise<void>((resolve) => doors.push(resolve))
        log.push(`out ${name}`)
        return name
      })
    const all = [work('a', 6), work('b', 4), work('huge', 50), work('c', 1)]
    await tick()
    assert.deepEqual(log, ['in a', 'in b'])
    doors.shift()?.()
    await tick()
    assert.deepEqual(log.slice(2), ['out a'], 'the huge one waits for all, and nobody overtakes it')
    doors.shift()?.()
    await tick()
    assert.deepEqual(log.slice(3), ['out b', 'in huge'])
    doors.shift()?.()
    await tick()
    assert.deepEqual(log.slice(5), ['out huge', 'in c'])
    doors.shift()?.()
    assert.deepEqual(await Promise.all(all), ['a', 'b', 'huge', 'c'])
  })

  it('gives the room back where the work fails', async () => {
    const gate = byteGate(1)
    await assert.rejects(
      gate(1, () => Promise.reject(new Error('broken'))),
      /broken/,
    )
    assert.equal(await gate(1, async () => 'in'), 'in')
  })
})

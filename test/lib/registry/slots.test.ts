import assert from 'node:assert/strict'
import {Slots} from '../../../src/lib/registry/slots.ts'

const never = new AbortController().signal

describe('Slots', () => {
  it('lets so many in, and the next in turn when one gives back', async () => {
    const slots = new Slots(2)
    const order: string[] = []
    const [one, two] = await Promise.all([slots.take(never), slots.take(never)])
    const third = slots.take(never).then((release) => (order.push('third'), release))
    const fourth = slots.take(never).then((release) => (order.push('fourth'), release))
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(order, [])
    one()
    one()
    await third
    await new Promise((resolve) => setImmediate(resolve))
    assert.deepEqual(order, ['third'], 'giving back twice is giving back once')
    two()
    await fourth
    assert.deepEqual(order, ['third', 'fourth'])
  })

  it('does not count who gave up waiting', async () => {
    const slots = new Slots(1)
    const release = await slots.take(never)
    const impatient = new AbortController()
    const waiting = slots.take(impatient.signal)
    impatient.abort(new Error('enough'))
    await assert.rejects(waiting, /enough/)
    await assert.rejects(slots.take(impatient.signal), /enough/)
    release()
    const again = await slots.take(never)
    again()
  })
})

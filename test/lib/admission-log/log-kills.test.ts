/** Real processes, real kills: whatever was acknowledged is in the log once, in its order. */
import assert from 'node:assert/strict'
import {once} from 'node:events'
import {appendFileSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {openAdmissionLog} from '../../../src/lib/admission-log/open-log.ts'
import {waitingIn} from '../../fakes/evidence-objects.ts'
import {ended, start} from '../../program.ts'
import {scratch} from '../../scratch.ts'

const BOUNDS = {bytes: 256 * 1024 * 1024, age: 3_600_000}

describe('the write-ahead log and kills', () => {
  const folder = scratch()
  const path = () => join(folder(), 'wal')
  const open = () => openAdmissionLog(path(), BOUNDS)

  /** Callers and a shipper, killed at a random moment. @returns whole lines that it printed */
  const killed = async (round: number): Promise<string[]> => {
    const child = start('append-log', {
      folder: path(),
      count: 1_000_000,
      seed: `round ${round}`,
      atOnce: 1 + (round % 7),
      segmentBytes: 20_000,
      ship: round % 2 === 0,
    })
    const end = ended(child)
    if (child.stdout !== null) await once(child.stdout, 'data')
    await sleep(Math.random() * 60)
    child.kill('SIGKILL')
    const {signal, stdout, stderr} = await end
    assert.deepEqual([signal, stderr], ['SIGKILL', ''])
    return stdout.slice(0, stdout.lastIndexOf('\n')).split('\n')
  }

  it('at random moments: every acknowledged object is there once, in order, and nothing counts as damaged', async () => {
    const acknowledged: string[][] = []
    const shipped = new Set<string>()
    for (let round = 0; round < 25; round++) {
      // oxlint-disable-next-line no-await-in-loop -- one process after another
      for (const line of await killed(round)) {
        if (line.startsWith('shipped ')) shipped.add(line.slice('shipped '.length))
        else acknowledged.push(line.split(' '))
      }
    }
    const log = await open()
    const keys = await waitingIn(log)
    assert.deepEqual(log.damaged, [])
    assert.equal(new Set(keys).size, keys.length, 'nothing is there twice')
    const place = new Map(keys.map((key, index) => [key, index]))
    for (const call of acknowledged) {
      const own = call.filter((key) => place.has(key) || !shipped.has(key))
      const places = own.map((key) => place.get(key) ?? assert.fail(`${key} is lost`))
      assert.deepEqual(
        places,
        places.toSorted((a, b) => a - b),
      )
    }
    assert.ok(acknowledged.length > 100, `${acknowledged.length} calls`)
    await log.close()
  }).timeout(120_000)

  it('torn anywhere in the last frame: what is before it is there, and the log goes on', async () => {
    await ended(start('append-log', {folder: path(), count: 4, seed: 'whole'}))
    const log = await open()
    const keys = await waitingIn(log)
    await log.close()
    for (let round = 0; round < 12; round++) {
      await ended(start('append-log', {folder: path(), count: 1, seed: `round ${round}`}))
      const newest = readdirSync(path()).findLast((name) => name.endsWith('.wal')) ?? assert.fail()
      // A write that began, and ended nowhere: the frame's magic, and a part of its header.
      appendFileSync(join(path(), newest), Buffer.from('HCIF\u0001\u0000\u0000\u0000\u0000').subarray(0, 1 + (round % 9)))
      const again = await open()
      const found = await waitingIn(again)
      assert.deepEqual([found.slice(0, keys.length), found.length, again.damaged], [keys, keys.length + 1 + round, []])
      await again.close()
    }
  }).timeout(60_000)
})

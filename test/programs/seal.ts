/**
 * Seals again and again until a file is there, at least once: `{store, until?, killAfter?}`. Prints how often it asked
 * something of the store or the key. `killAfter` ends it, as `kill -9` does, once so many were answered and before it
 * knows. Its key is that of the tests.
 */
import {existsSync} from 'node:fs'
import process from 'node:process'
import {setTimeout as sleep} from 'node:timers/promises'
import {sealEvidence} from '../../src/lib/actions/ledger/seal-evidence.ts'
import {testCheckpointKey} from '../fakes/checkpoint-keys.ts'
import {sealingContext} from '../lib/actions/ledger/sealing-context.ts'
import {openStore} from '../open-store.ts'

const {store: address, until, killAfter = Infinity} = JSON.parse(process.argv[2] ?? '') as {store: string; until?: string; killAfter?: number}
const store = await openStore(address)
const key = testCheckpointKey()
let asked = 0

async function answered<T>(reply: T): Promise<T> {
  asked += 1
  if (asked < killAfter) return reply
  process.kill(process.pid, 'SIGKILL')
  return sleep(60_000, reply)
}

const watched: typeof store = {
  ...store,
  put: async (...args) => answered(await store.put(...args)),
  get: async (...args) => answered(await store.get(...args)),
  read: async (...args) => answered(await store.read(...args)),
  async *versions(...args) {
    yield* store.versions(...args)
    await answered(undefined)
  },
}
for (let isOver = false; !isOver; isOver = until === undefined || existsSync(until)) {
  const context = sealingContext(watched, {key: {...key, sign: async (text) => answered(await key.sign(text))}})
  // oxlint-disable-next-line no-await-in-loop -- one after another
  await sealEvidence({all: false}, Object.assign(context, {now: () => new Date(), newId: () => String(process.pid)}))
}
process.stdout.write(String(asked))

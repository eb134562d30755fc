/** Takes the lock, says so, and never gives it back: `{path}`. */
import process from 'node:process'
import {setTimeout as sleep} from 'node:timers/promises'
import {withLock} from '../../src/lib/lock.ts'

const {path} = JSON.parse(process.argv[2] ?? '') as {path: string}
await withLock(path, async () => {
  process.stdout.write('held\n')
  await sleep(600_000)
})

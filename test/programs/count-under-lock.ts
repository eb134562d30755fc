/** Adds one to the number in a file, so many times, each under the lock and with a pause between reading and writing: `{path, counter, times}`. */
import {readFileSync, writeFileSync} from 'node:fs'
import process from 'node:process'
import {setImmediate as pause} from 'node:timers/promises'
import {withLock} from '../../src/lib/lock.ts'

const {path, counter, times} = JSON.parse(process.argv[2] ?? '') as {path: string; counter: string; times: number}
process.stdout.write('ready\n')
for (let time = 0; time < times; time++) {
  // oxlint-disable-next-line no-await-in-loop -- one after another is the point
  await withLock(path, async () => {
    const number = Number(readFileSync(counter, 'utf8'))
    await pause()
    writeFileSync(counter, String(number + 1))
  })
}

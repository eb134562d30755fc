/** Adds a row to an index, so many times, each in an update of its own: `{folder, name, times}`. Says a word when the first is in. */
import process from 'node:process'
import {openFolderIndex} from '../../src/lib/duckdb/folder-index.ts'
import {withLock} from '../../src/lib/lock.ts'

const {folder, name, times} = JSON.parse(process.argv[2] ?? '') as {folder: string; name: string; times: number}
const index = await openFolderIndex(folder, withLock)
for (let number = 0; number < times; number += 1) {
  // oxlint-disable-next-line no-await-in-loop -- one after another is the point
  await index.update(false, (update) => update.append('vanished', {record_key: `${name}-${String(number).padStart(4, '0')}`}))
  if (number === 0) process.stdout.write('begun\n')
}
await index.close()

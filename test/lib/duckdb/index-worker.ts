/** A process that updates an index again and again: `index-worker.ts FOLDER NAME COUNT`. It says a word when the first update is in. */
import process from 'node:process'
import {openFolderIndex} from '../../../src/lib/duckdb/folder-index.ts'
import {withLock} from '../../../src/lib/stores/lock.ts'

const [, , folder = '', name = '', count = '1'] = process.argv
const index = await openFolderIndex(folder, withLock)
for (let number = 0; number < Number(count); number += 1) {
  await index.update(false, (update) => update.append('vanished', {record_key: `${name}-${String(number).padStart(4, '0')}`}))
  if (number === 0) process.stdout.write('begun\n')
}
await index.close()

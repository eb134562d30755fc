/** Puts so many zero bytes into a folder store and prints the error's code, or what the store answered: `{store, size}`. */
import process from 'node:process'
import {AppError} from '../../src/lib/errors.ts'
import {blobKey} from '../../src/lib/evidence/key.ts'
import {sha256Hex} from '../../src/lib/evidence/record.ts'
import {openFolderStore} from '../../src/lib/stores/folder.ts'

const {store, size} = JSON.parse(process.argv[2] ?? '') as {store: string; size: number}
const bytes = Buffer.alloc(size)
try {
  process.stdout.write(await openFolderStore(store).put(blobKey(sha256Hex(bytes)), bytes))
} catch (error) {
  process.stdout.write(error instanceof AppError ? `${error.code} ${error.message}` : String(error))
}

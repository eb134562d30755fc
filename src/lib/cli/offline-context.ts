/** The composition root of what judges by the files it is given and nothing else: no configuration, no store, no network. */
import process from 'node:process'
import type {Context} from '../ports/context.ts'

export async function createOfflineContext(): Promise<Pick<Context, 'cwd' | 'files'>> {
  const {fileReader} = await import('../stores/file-reader.ts')
  return {cwd: process.cwd(), files: fileReader}
}

/** Who wrote what, by CloudTrail's data events: a file, or a folder of them. */
import {resolve} from 'node:path'
import {readWriteEvents} from '../../access/cloudtrail-events.ts'
import {createWriterBook, type WriterBook} from '../../access/writer-findings.ts'
import {AppError} from '../../errors.ts'
import {parseStoreAddress} from '../../evidence/store-address.ts'
import type {Context} from '../../ports/context.ts'

/** @param named a file or a folder. @throws AppError `usage.input`, `config.missing` where nothing says who may write what */
export async function readWriters(
  named: string,
  address: string,
  {config, cwd, files, filesIn}: Pick<Context, 'config' | 'cwd' | 'files' | 'filesIn'>,
): Promise<WriterBook> {
  const {writers} = config
  if (writers === undefined)
    throw new AppError('config.missing', 'nothing says who may write which stream', {
      fix: 'Set `writers` in hipaa-ci.yaml; `hipaa-ci store policy --format writers` prints it.',
    })
  const path = resolve(cwd, named)
  const paths = (await filesIn(path)) ?? [path]
  if (paths.length === 0) throw new AppError('usage.input', `there is no file in ${named}`)
  const book = createWriterBook(writers, parseStoreAddress(address))
  // One at a time: each may be large, and little of it is kept.
  for (const one of paths) for (const event of readWriteEvents(await files.read(one), one)) book.add(event)
  return book
}

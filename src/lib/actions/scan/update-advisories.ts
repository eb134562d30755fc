/**
 * Downloads the scanner's databases by Trivy itself. Without a network that is a failure, and never a pass with the old ones.
 *
 * Who has named a mirror wants nothing from elsewhere: the index of Java
 * archives is then downloaded only if it has a mirror too.
 */
import {AppError} from '../../errors.ts'
import {trivyDownload} from '../../tools/trivy-download.ts'
import type {Context} from '../../ports/context.ts'

/** Characters of a cause. */
const WIDTH = 96

/** @throws AppError `scan.database-download`, `tool.*` where the vulnerability database cannot be had */
export async function updateAdvisories(timeout: number | undefined, context: Context): Promise<void> {
  const {folder} = await context.advisories()
  const {'db-repository': mirror, 'java-db-repository': javaMirror} = context.config.tools.trivy
  const spec = timeout === undefined ? trivyDownload : {...trivyDownload, timeout}
  // Trivy itself asks when the next one is due, and downloads none before.
  context.progress.step('Updating the vulnerability database, where it is not fresh')
  await context.runTool(spec, {cache: folder, database: 'vulnerabilities', ...(mirror !== undefined && {repository: mirror})}).catch((cause: unknown) => {
    if (!(cause instanceof AppError) || cause.code !== 'tool.failed') throw cause
    throw new AppError('scan.database-download', `the vulnerability database could not be downloaded:\n  ${lastCause(cause.message)}`, {cause})
  })
  if (mirror !== undefined && javaMirror === undefined) {
    context.progress.note('the index of Java archives was left as it is: tools.trivy.java-db-repository names no mirror')
    return
  }
  context.progress.step('Updating the index of Java archives, where it is not fresh')
  try {
    await context.runTool(spec, {cache: folder, database: 'java', ...(javaMirror !== undefined && {repository: javaMirror})})
  } catch (error) {
    // Needed only where there are Java archives: then its age is a gap of the scan.
    if (!(error instanceof AppError) || !error.code.startsWith('tool.')) throw error
    context.progress.note(`the index of Java archives could not be had: ${lastCause(error.message)}`)
  }
}

/** The end of the last line, where a chain of causes says what it was; without the marks of a log. */
function lastCause(message: string): string {
  const line = (message.trim().split('\n').at(-1) ?? '').replace(/^\S+T\S+\s+[A-Z]+\s+/, '').replaceAll(/\s+/g, ' ')
  return line.length > WIDTH ? `…${line.slice(1 - WIDTH)}` : line
}

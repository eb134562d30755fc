/**
 * Downloads the scanner's databases by Trivy itself. Without a network that is a failure, and never a pass with the old ones.
 *
 * Who has named a mirror wants nothing from elsewhere: the index of Java
 * archives is then downloaded only if it has a mirror too.
 */
import {AppError} from '../errors.ts'
import {trivyDownload} from '../tools/trivy-download.ts'
import type {Context} from '../ports/context.ts'

/** @throws AppError `tool.*` where the vulnerability database cannot be had */
export async function updateAdvisories(timeout: number | undefined, context: Context): Promise<void> {
  const {folder} = await context.advisories()
  const {'db-repository': mirror, 'java-db-repository': javaMirror} = context.config.tools.trivy
  const spec = timeout === undefined ? trivyDownload : {...trivyDownload, timeout}
  context.progress.step('Downloading the vulnerability database')
  await context.runTool(spec, {cache: folder, database: 'vulnerabilities', ...(mirror !== undefined && {repository: mirror})})
  if (mirror !== undefined && javaMirror === undefined) {
    context.progress.note('the index of Java archives was left as it is: tools.trivy.java-db-repository names no mirror')
    return
  }
  context.progress.step('Downloading the index of Java archives')
  try {
    await context.runTool(spec, {cache: folder, database: 'java', ...(javaMirror !== undefined && {repository: javaMirror})})
  } catch (error) {
    // Needed only where there are Java archives: then its age is a gap of the scan.
    if (!(error instanceof AppError) || !error.code.startsWith('tool.')) throw error
    context.progress.note(`the index of Java archives could not be had: ${error.message}`)
  }
}

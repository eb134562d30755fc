/** Downloads the scanner's databases by Trivy itself. Without a network that is a failure, and never a pass with the old ones. */
import {AppError} from '../errors.ts'
import {trivyDownload} from '../tools/trivy-download.ts'
import type {Context} from '../ports.ts'

/** @throws AppError `tool.*` where the vulnerability database cannot be had */
export async function updateAdvisories(timeout: number | undefined, context: Context): Promise<void> {
  const {folder} = await context.advisories()
  const repository = context.config.tools.trivy['db-repository']
  const spec = timeout === undefined ? trivyDownload : {...trivyDownload, timeout}
  context.progress.step('Downloading the vulnerability database')
  await context.runTool(spec, {cache: folder, database: 'vulnerabilities', ...(repository !== undefined && {repository})})
  context.progress.step('Downloading the index of Java archives')
  try {
    await context.runTool(spec, {cache: folder, database: 'java'})
  } catch (error) {
    // Needed only where there are Java archives: then its age is a gap of the scan.
    if (!(error instanceof AppError) || !error.code.startsWith('tool.')) throw error
    context.progress.note(`the index of Java archives could not be had: ${error.message}`)
  }
}

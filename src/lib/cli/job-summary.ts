/** The summary of a job that its platform shows: a file that steps add to (GITHUB_STEP_SUMMARY). */
import {appendFile} from 'node:fs/promises'
import type {Context} from '../ports/context.ts'

/** A summary that cannot be written changes nothing about what it sums up. */
export async function appendJobSummary(markdown: string, {variable, progress}: Pick<Context, 'variable' | 'progress'>): Promise<void> {
  const path = variable('GITHUB_STEP_SUMMARY')
  if (path === undefined || path === '') return
  try {
    await appendFile(path, `${markdown}\n`)
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    progress.note(`GITHUB_STEP_SUMMARY cannot be written: ${why}`)
  }
}

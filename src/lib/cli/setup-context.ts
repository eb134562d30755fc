/** The composition root of `init`, which has no configuration yet and must work in spite of a broken one. */
import {basename} from 'node:path'
import process from 'node:process'
import {gatherGit, type RunGit} from '../ci/git.ts'
import {repositoryName} from '../ci/repository-name.ts'
import type {SetupContext} from '../ports/context.ts'
import {createProgress} from './progress.ts'

export async function createSetupContext(): Promise<SetupContext> {
  const cwd = process.cwd()
  const {env} = process
  const [{run}, {projectFiles}] = await Promise.all([import('../process.ts'), import('../project/project-files.ts')])
  const gitIn =
    (folder: string): RunGit =>
    async (args) => {
      const result = await run(['git', ...args], {cwd: folder, timeout: 20_000})
      return result.kind === 'exited' ? result : undefined
    }
  const git = await gatherGit(gitIn(cwd))
  return {
    cwd,
    progress: createProgress(),
    variable: (name) => env[name],
    async runTool(spec, input) {
      const {createRunTool} = await import('../toolbox/run-tool.ts')
      return createRunTool({cwd, env})(spec, input)
    },
    project: projectFiles(gitIn),
    name: basename(repositoryName(git?.remote) ?? git?.root ?? cwd),
  }
}

/** A workspace with a configuration and a fresh small advisory database, for scans by the real tools. */
import {mkdir, writeFile} from 'node:fs/promises'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {z} from 'zod'
import {Finding} from '../../src/lib/evidence/finding.ts'
import type {ToolSpec} from '../../src/lib/ports/tools.ts'
import {createRunTool} from '../../src/lib/toolbox/run-tool.ts'
import {writeAdvisoryDatabase} from '../../scripts/write-advisory-db.ts'
import {createWorkspace, type CliResult, type Workspace} from './workspace.ts'

export const ScanJson = z.looseObject({
  exitCode: z.int(),
  decision: z.string(),
  digest: z.string().optional(),
  reasons: z.array(z.looseObject({code: z.string(), kind: z.string().optional(), count: z.int().optional()})),
  stopping: z.array(Finding),
  findings: z.array(Finding),
  scans: z.array(z.looseObject({kind: z.string(), unscanned: z.array(z.object({what: z.string(), reason: z.string()}))})),
  platforms: z.array(z.looseObject({platform: z.string()})),
  problems: z.array(z.looseObject({tool: z.string(), code: z.string()})),
  recorded: z.boolean(),
})
export type ScanJson = z.infer<typeof ScanJson>

export interface ScanWorkspace extends Workspace {
  /** Folder of the advisory databases. */
  readonly advisories: string
  /** `hipaa-ci scan … --json`; its answer, and its exit code checked against it. */
  scan(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<ScanJson>
  /** Writes files below the folder, with their folders. */
  files(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>
  /** Runs a real tool by itself. */
  tool<Input, Output>(spec: ToolSpec<Input, Output>, input: Input): Promise<Output>
}

export async function createScanWorkspace(config = ''): Promise<ScanWorkspace> {
  const workspace = await createWorkspace()
  const advisories = join(workspace.folder, 'advisories')
  writeAdvisoryDatabase(advisories)
  await workspace.write('hipaa-ci.yaml', `version: 1\nsystem: patient-api\n${config}`)
  const env = {HIPAA_CI_TRIVY_CACHE: advisories}
  const cli: Workspace['cli'] = async (args, options = {}) => workspace.cli(args, {...options, env: {...env, ...options.env}})
  return {
    ...workspace,
    cli,
    advisories,
    scan: async (args, more = {}) => answerOf(await cli(['scan', ...args, '--json'], {env: more})),
    async files(files) {
      for (const [name, content] of Object.entries(files)) {
        const path = join(workspace.folder, name)
        await mkdir(dirname(path), {recursive: true})
        await writeFile(path, content)
      }
    },
    tool: async (spec, input) => (await createRunTool({cwd: workspace.folder, env: process.env})(spec, input)).value,
  }
}

function answerOf({exitCode, json, stderr, stdout}: CliResult): ScanJson {
  const parsed = ScanJson.safeParse(json)
  if (!parsed.success) throw new Error(`no answer of a scan (exit ${exitCode}):\n${stdout}\n${stderr}\n${parsed.error.message}`)
  if (parsed.data.exitCode !== exitCode) throw new Error(`exit code ${exitCode}, but the answer says ${parsed.data.exitCode}`)
  return parsed.data
}

/** What was not looked at, over all kinds. */
export function unscanned({scans}: ScanJson): string[] {
  return scans.flatMap(({kind, unscanned: items}) => items.map(({what, reason}) => `${kind} ${reason} ${what}`))
}

export function ids({findings}: Pick<ScanJson, 'findings'>, kind: Finding['kind'] = 'vulnerability'): string[] {
  return [...new Set(findings.filter((finding) => finding.kind === kind).map(({id}) => id))].toSorted((a, b) => (a < b ? -1 : 1))
}

/** How a tool is run: an adapter is two pure functions, and what came back. Types only. */
import type {ToolRecord} from '../evidence/schema.ts'

/** What a tool left behind: exit code, both streams, and the files that it was told to write. */
export interface ToolOutput {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
  /** By the names in `ToolSpec.outputs`; one that was not written is absent. */
  readonly files: ReadonlyMap<string, Uint8Array>
}

export type ToolName = 'syft' | 'trivy' | 'semgrep' | 'cosign' | 'kubectl'

/** A tool adapter: two pure functions and what counts as an answer. */
export interface ToolSpec<Input, Output> {
  readonly tool: ToolName
  /** Exit codes with which the tool has answered; any other is `tool.failed`. */
  readonly answers: readonly number[]
  /** Names of files that it writes into its scratch folder. */
  readonly outputs: readonly string[]
  /** Files to lay into the scratch folder before the start. */
  readonly inputs?: (input: Input) => ReadonlyMap<string, Uint8Array>
  /** @param scratch absolute path of a fresh folder, removed afterwards */
  readonly argv: (input: Input, scratch: string) => readonly string[]
  /** Variables beyond the allow-listed environment. */
  readonly env?: (input: Input, scratch: string) => Readonly<Record<string, string>>
  /** Milliseconds; default 10 minutes. */
  readonly timeout?: number
  /** @throws AppError `tool.output` where the answer cannot be read */
  readonly parse: (output: ToolOutput, input: Input) => Output
}

export interface ToolResult<Output> {
  readonly value: Output
  /** Name, version and digest of the binary that answered: goes into the record. */
  readonly tool: ToolRecord
}

/** @throws AppError `tool.*`; a tool that is missing, crashed, was killed or timed out never looks like an answer. */
export type RunTool = <Input, Output>(spec: ToolSpec<Input, Output>, input: Input) => Promise<ToolResult<Output>>

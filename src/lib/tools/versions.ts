/**
 * Which tools, in which versions: `toolchain.json` as types, and the judgement over a version. Pure.
 * Set-up, `doctor` and the records' `tools[]` all go by that one file.
 */
import {satisfies, valid} from 'semver'
import toolchain from './toolchain.json' with {type: 'json'}
import type {ToolName} from '../ports/tools.ts'

/** How a program tells its version. */
export interface Probe {
  readonly argv: readonly string[]
  /** Regular expression (multi-line); the first group is the version. */
  readonly pattern: string
  readonly env?: Readonly<Record<string, string>>
}

export interface ToolPin {
  /** What set-up builds. */
  readonly version: string
  /** What is accepted elsewhere. */
  readonly range: string
  readonly refused?: readonly {readonly range: string; readonly reason: string}[]
  readonly probe: Probe
  /** Pattern, relative to the program's folder, of the file whose digest stands for the tool; default the program. */
  readonly digest?: string
  /** What a person types to get it. */
  readonly manual: string
}

export const TOOL_PINS: Readonly<Record<ToolName, ToolPin>> = toolchain.tools
/** What set-up ships and `doctor` demands; kubectl is only for who asks a cluster. */
export const TOOL_NAMES = ['syft', 'trivy', 'semgrep', 'cosign'] as const satisfies readonly ToolName[]

/** The Node that hipaa-ci runs on. */
export const NODE_PIN: {readonly version: string; readonly range: string; readonly manual: string} = toolchain.node

export type VersionVerdict =
  | {readonly kind: 'allowed'}
  /** Known to be harmful; `reason` completes "… is refused:". */
  | {readonly kind: 'refused'; readonly reason: string}
  | {readonly kind: 'outside'; readonly range: string}

/** Judges what a tool says of itself. A version that cannot be read, or a prerelease, is outside. */
export function judgeVersion({range, refused = []}: Pick<ToolPin, 'range' | 'refused'>, version: string): VersionVerdict {
  const bad = valid(version) === null ? undefined : refused.find((entry) => satisfies(version, entry.range, {includePrerelease: true}))
  if (bad !== undefined) return {kind: 'refused', reason: bad.reason}
  return valid(version) === version && satisfies(version, range) ? {kind: 'allowed'} : {kind: 'outside', range}
}

/** The version out of what the probe printed; undefined where it says none. */
export function readVersion({pattern}: Probe, output: string): string | undefined {
  return new RegExp(pattern, 'm').exec(output)?.[1]
}

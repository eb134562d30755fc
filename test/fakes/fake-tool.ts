/**
 * A program that stands for a tool: a shell script that is really started.
 *
 * Promise: asked for its version (by the first word of the real tool's probe) it answers as that tool does; otherwise it
 * runs `body` (POSIX shell, arguments as given). It is the real file on the real PATH that the code under test finds.
 */
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import type {ToolName} from '../../src/lib/ports/tools.ts'

const ANSWERS: Record<ToolName, (version: string) => [question: string, answer: string]> = {
  trivy: (version) => ['--version', `Version: ${version}`],
  syft: (version) => ['--version', `syft ${version}`],
  cosign: (version) => ['version', `GitVersion:    v${version}`],
  semgrep: (version) => ['--version', version],
  kubectl: (version) => ['version', `Client Version: v${version}`],
}

/** Writes `tool` into `folder` (made where absent). @returns its path */
export function fakeTool(folder: string, tool: ToolName, version: string, body = 'exit 0'): string {
  const [question, answer] = ANSWERS[tool](version)
  mkdirSync(folder, {recursive: true})
  const path = join(folder, tool)
  writeFileSync(path, `#!/bin/sh\nif [ "$1" = "${question}" ]; then echo "${answer}"; exit 0; fi\n${body}\n`)
  chmodSync(path, 0o755)
  return path
}

/** Node and the tools: where each is, in which version, and the digest that goes into records. */
import type {DoctorContext} from '../../ports/machine.ts'
import {NODE_PIN, TOOL_NAMES, judgeVersion} from '../../tools/versions.ts'
import {fault, missing, ok, type Check} from './diagnosis.ts'

export async function checkTools({probe, progress}: DoctorContext): Promise<Check[]> {
  const {version, path} = probe.node
  const node =
    judgeVersion(NODE_PIN, version).kind === 'allowed'
      ? ok('node', `${version}  ${path}`, {version, path})
      : {...missing('node', `${version} is not in ${NODE_PIN.range}`, NODE_PIN.manual, {version, path}), state: 'wrong' as const}
  const checks = [node]
  for (const name of TOOL_NAMES) {
    progress.step(`Looking at ${name}`)
    checks.push(
      await probe.tool(name).then(
        (tool) => ok(name, `${tool.version}  ${tool.path}`, {version: tool.version, path: tool.path, from: tool.from, sha256: tool.sha256}),
        (error: unknown) => fault(name, error),
      ),
    )
  }
  return checks
}

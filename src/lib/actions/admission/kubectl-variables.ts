/** The variables by which kubectl finds a cluster and logs in to it. */
import {delimiter, resolve} from 'node:path'
import {clusterVariables} from '../../child-environment.ts'
import type {Context} from '../../ports/context.ts'

export function kubectlVariables({variable, cwd}: Pick<Context, 'variable' | 'cwd'>): Readonly<Record<string, string>> {
  const {KUBECONFIG, ...others} = clusterVariables(variable)
  return {...others, ...(KUBECONFIG !== undefined && {KUBECONFIG: absolute(KUBECONFIG, cwd)})}
}

/** kubectl runs in a folder of its own. */
function absolute(paths: string, cwd: string): string {
  return paths
    .split(delimiter)
    .map((path) => (path === '' ? path : resolve(cwd, path)))
    .join(delimiter)
}

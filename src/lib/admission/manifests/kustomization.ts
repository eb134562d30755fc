/** The manifests as files: one object a file, and the kustomization that names them. */
import {stringify} from 'yaml'
import type {ClusterObject} from './cluster-object.ts'

export interface ManifestFile {
  /** `stateful-set.yaml` */
  readonly name: string
  readonly object: ClusterObject
}

/** @param head lines of a comment over it */
export function kustomization(files: readonly ManifestFile[], head: readonly string[]): string {
  const comment = head.map((line) => (line === '' ? '#' : `# ${line}`)).join('\n')
  return `${comment}\n${yamlOf({apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources: files.map(({name}) => name)})}`
}

/** One stream, in the order in which an API server can take it. */
export function yamlStream(files: readonly ManifestFile[]): string {
  return files.map(({name, object}) => `# ${name}\n${yamlOf(object)}`).join('---\n')
}

/** Read alike by YAML 1.1 and 1.2: Kubernetes reads the older one, in which `yes` is no text. */
export function yamlOf(value: object): string {
  return stringify(value, {version: '1.1', lineWidth: 0, aliasDuplicateObjects: false})
}

/**
 * Logins at registries beside the role in AWS, and authorities beside the public ones: both are brought into the provider's
 * namespace by somebody else, and are named here. A pod does not start where either is not there, or holds something else.
 *
 * The logins are for the provider, which asks registries, and for the node, which fetches the image of hipaa-ci itself.
 */
import {FOLDERS} from './server-arguments.ts'

export interface RegistryAccess {
  /** Name of a Secret of type `kubernetes.io/dockerconfigjson`. */
  readonly registrySecret?: string | undefined
  /** Name of a ConfigMap whose `ca.crt` holds authorities, PEM. */
  readonly registryCa?: string | undefined
}

/** What a pod and its one container have beside their own. */
export interface PodAccess {
  /** `imagePullSecrets`, or nothing. */
  readonly pod: object
  readonly volumes: readonly object[]
  readonly mounts: readonly object[]
  readonly env: readonly {readonly name: string; readonly value: string}[]
}

/** Of who asks registries. */
export function registryAccess(access: RegistryAccess): PodAccess {
  const {pod, volumes, mounts, env} = fetchAccess(access)
  const {registrySecret} = access
  if (registrySecret === undefined) return {pod, volumes, mounts, env}
  const items = [{key: '.dockerconfigjson', path: 'config.json'}]
  return {
    pod,
    volumes: [...volumes, {name: 'logins', secret: {secretName: registrySecret, defaultMode: 0o440, items}}],
    mounts: [...mounts, {name: 'logins', mountPath: FOLDERS.logins, readOnly: true}],
    env: [...env, {name: 'DOCKER_CONFIG', value: FOLDERS.logins}],
  }
}

/** Of who only has to be fetched, and calls the store: which may have the same authority. Node reads it when it starts. */
export function fetchAccess({registrySecret, registryCa}: RegistryAccess): PodAccess {
  const pod = registrySecret === undefined ? {} : {imagePullSecrets: [{name: registrySecret}]}
  if (registryCa === undefined) return {pod, volumes: [], mounts: [], env: []}
  return {
    pod,
    volumes: [{name: 'authorities', configMap: {name: registryCa, items: [{key: 'ca.crt', path: 'ca.crt'}]}}],
    mounts: [{name: 'authorities', mountPath: FOLDERS.authorities, readOnly: true}],
    env: [{name: 'NODE_EXTRA_CA_CERTS', value: `${FOLDERS.authorities}/ca.crt`}],
  }
}

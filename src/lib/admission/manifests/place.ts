/** The namespace that the provider runs in, and the account it runs as: with no right in the cluster at all, and one role in AWS. */
import type {ClusterObject} from './cluster-object.ts'
import {SERVER} from './names.ts'

const POD_SECURITY = 'pod-security.kubernetes.io'
const RESTRICTED = {[`${POD_SECURITY}/enforce`]: 'restricted', [`${POD_SECURITY}/audit`]: 'restricted', [`${POD_SECURITY}/warn`]: 'restricted'}

export function namespaceObject(name: string): ClusterObject {
  return {apiVersion: 'v1', kind: 'Namespace', metadata: {name, labels: RESTRICTED}}
}

/** @param roleArn of `hipaa-ci store policy --role admission`: EKS gives its credentials to who runs as this account */
export function serviceAccount(namespace: string, roleArn: string | undefined): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name: SERVER,
      namespace,
      ...(roleArn !== undefined && {annotations: {'eks.amazonaws.com/role-arn': roleArn, 'eks.amazonaws.com/sts-regional-endpoints': 'true'}}),
    },
    automountServiceAccountToken: false,
  }
}

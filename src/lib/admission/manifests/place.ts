/** The namespace that the provider runs in, and the account it runs as: with no right in the cluster at all, and one role in AWS. */
import type {ClusterObject} from './cluster-object.ts'
import {SERVER} from './names.ts'

const POD_SECURITY = 'pod-security.kubernetes.io'
const RESTRICTED = {[`${POD_SECURITY}/enforce`]: 'restricted', [`${POD_SECURITY}/audit`]: 'restricted', [`${POD_SECURITY}/warn`]: 'restricted'}

export function restrictedNamespace(name: string): ClusterObject {
  return {apiVersion: 'v1', kind: 'Namespace', metadata: {name, labels: RESTRICTED}}
}

/** @param roleArn of `hipaa-ci store policy --role admission` */
export function serviceAccount(namespace: string, roleArn: string | undefined): ClusterObject {
  return {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: SERVER, namespace, ...awsRole(roleArn)}, automountServiceAccountToken: false}
}

/** EKS gives the role's credentials to who runs as an account that says so. */
export function awsRole(roleArn: string | undefined): Pick<ClusterObject['metadata'], 'annotations'> {
  return roleArn === undefined ? {} : {annotations: {'eks.amazonaws.com/role-arn': roleArn, 'eks.amazonaws.com/sts-regional-endpoints': 'true'}}
}

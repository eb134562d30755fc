/** Where the records of an admission server come from: `account/region/cluster/admission`, as far as the cluster's name tells. */
import {recordText} from './record-text.ts'

/** The name that EKS gives a cluster, which no other has. */
const EKS = /^arn:aws[a-z-]*:eks:([a-z0-9-]+):(\d{12}):cluster\/(.+)$/

export function serverSource(cluster: string): string {
  const [, region, account, name] = EKS.exec(cluster) ?? []
  return recordText(`${name === undefined ? cluster : `${account}/${region}/${name}`}/admission`)
}

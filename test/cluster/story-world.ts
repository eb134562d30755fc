/** What a story in a serving cluster is told by: its people, requests as they type them, and what the evidence says of them afterwards. */
import {z} from 'zod'
import type {RecordOf} from '../../src/lib/evidence/schema.ts'
import {eventually} from './apply-installed.ts'
import type {Person} from './pki.ts'
import type {ServingCluster} from './serving-cluster.ts'

/** An administrator who is no group of anonymous ones. */
export const ADA: Person = {name: 'ada', groups: ['system:masters']}
/** As a GitOps tool acts: by its own account. */
export const GITOPS = account('flux-system', 'kustomize-controller')
/** What makes pods where controllers run; none do here, so tests act for them, by their real roles. */
export const DEPLOYMENTS = account('kube-system', 'deployment-controller')
export const REPLICA_SETS = account('kube-system', 'replicaset-controller')

export type AdmissionRecord = RecordOf<'admission'>

const Answer = z.looseObject({
  ipe: z.looseObject({gaps: z.array(z.looseObject({code: z.string(), what: z.string()}))}),
  rows: z.array(z.record(z.string(), z.unknown())),
})
export type Rows = z.infer<typeof Answer>['rows']

/** Records of the pod or workload of this name, as soon as one fits: they are shipped a moment after the answer. */
export async function admissionsOf(
  cluster: ServingCluster,
  name: string,
  fits: (detail: AdmissionRecord['data']['detail']) => boolean = () => true,
): Promise<readonly AdmissionRecord[]> {
  let found: readonly AdmissionRecord[] = []
  const isThere = async () => {
    found = (await cluster.records('admission')).filter(({data: {detail}}) => (detail.name ?? '').startsWith(name) && fits(detail))
    return found.length > 0
  }
  if (!(await eventually(isThere))) throw new Error(`no record of ${name}`)
  return found
}

/** `hipaa-ci query NAME --since 1h --json`. @throws where the answer is not whole */
export async function ask({workspace}: ServingCluster, question: string): Promise<Rows> {
  const {json, stderr} = await workspace.cli(['query', question, '--since', '1h', '--config', 'policy.yaml', '--json'])
  const parsed = Answer.safeParse(json)
  if (!parsed.success) throw new Error(`query ${question}: ${stderr}${JSON.stringify(json)}`)
  const {gaps} = parsed.data.ipe
  if (gaps.length > 0) throw new Error(`query ${question}: ${JSON.stringify(gaps)}`)
  return parsed.data.rows
}

/** Ids of records whose rows an answer holds. */
export function recordsIn(rows: Rows): ReadonlySet<unknown> {
  return new Set(rows.map(({record}) => record))
}

const Reconciled = z.looseObject({
  exitCode: z.number(),
  differences: z.array(
    z.looseObject({
      reason: z.string(),
      what: z.string(),
      open: z.boolean(),
      user: z.string().optional(),
      verb: z.string().optional(),
      uid: z.string().optional(),
      causes: z.array(z.string()).optional(),
      time: z.string(),
    }),
  ),
  requests: z.array(
    z.looseObject({
      decision: z.string(),
      name: z.string().optional(),
      user: z.string(),
      as: z.string().optional(),
      records: z.array(z.string()),
      person: z.looseObject({user: z.string(), verb: z.string(), what: z.string()}).optional(),
    }),
  ),
})

/** `hipaa-ci admission reconcile --audit-log` of the API server's own log. */
export async function reconciled({workspace, name, auditLog}: ServingCluster): Promise<z.infer<typeof Reconciled>> {
  const {json, stderr} = await workspace.cli(['admission', 'reconcile', '--cluster', name, '--audit-log', auditLog, '--config', 'policy.yaml', '--json'])
  const parsed = Reconciled.safeParse(json)
  if (!parsed.success) throw new Error(`admission reconcile: ${stderr}`)
  return parsed.data
}

/** A service account, by its certificate. */
export function account(namespace: string, name: string): Person {
  return {name: `system:serviceaccount:${namespace}:${name}`, groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]}
}

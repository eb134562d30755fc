/** What `kubectl get … -o json` prints of a cluster into which our manifests went, made of those; synthetic namespaces. */
import {constraints} from '../../../src/lib/admission/manifests/constraints.ts'
import {webhook} from '../../../src/lib/admission/manifests/webhook.ts'

export interface InstalledInput {
  readonly exempt?: readonly string[]
  /** By name, their labels. */
  readonly namespaces?: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly webhook?: (object: Changeable) => object | undefined
  readonly constraint?: (object: Changeable) => object | undefined
  readonly others?: readonly object[]
}

export interface Changeable {
  readonly kind: string
  readonly webhooks?: readonly object[]
  readonly spec?: {readonly match?: object}
}

export function installed({
  exempt = ['kube-system'],
  namespaces = {},
  webhook: bend = same,
  constraint: twist = same,
  others = [],
}: InstalledInput = {}): string {
  const all = {'kube-system': {}, 'patient-api': {}, ...namespaces}
  const places = Object.entries(all).map(([name, labels]) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {name, labels: {'kubernetes.io/metadata.name': name, ...labels}},
  }))
  const rules = constraints('hipaa-ci', exempt).map((one) => (one.metadata.name === 'hipaa-ci-images' ? twist(structuredClone(one)) : one))
  const items = [...places, bend(structuredClone(webhook(exempt))), ...rules, ...others].filter((one) => one !== undefined)
  return JSON.stringify({apiVersion: 'v1', kind: 'List', items})
}

function same(object: object): object {
  return object
}

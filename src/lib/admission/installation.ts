/**
 * What a cluster really has of that which keeps it closed, and its namespaces: out of what `kubectl get … -o json` prints.
 *
 * Objects of other kinds are passed over; one of these that cannot be read makes all of it unreadable, because a selector
 * that is left out would look like one that leaves nothing out.
 */
import {z} from 'zod'
import {AppError} from '../errors.ts'
import {CONSTRAINT_KIND} from './manifests/constraint-template.ts'
import {CONSTRAINT, GATEKEEPER_PODS, POD_ENTRY, WEBHOOK} from './manifests/names.ts'

const Texts = z
  .array(z.string())
  .nullish()
  .transform((all) => all ?? [])
const Labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((all) => all ?? {})
const Selector = z.looseObject({
  matchLabels: Labels,
  matchExpressions: z
    .array(z.looseObject({key: z.string(), operator: z.enum(['In', 'NotIn', 'Exists', 'DoesNotExist']), values: Texts}))
    .nullish()
    .transform((all) => all ?? []),
})
export type Selector = z.infer<typeof Selector>

const Entry = z.looseObject({
  name: z.string(),
  namespaceSelector: Selector.nullish(),
  objectSelector: Selector.nullish(),
  failurePolicy: z.string().nullish(),
  matchConditions: z
    .array(z.looseObject({name: z.string()}))
    .nullish()
    .transform((all) => all ?? []),
  rules: z
    .array(z.looseObject({apiGroups: Texts, operations: Texts, resources: Texts}))
    .nullish()
    .transform((all) => all ?? []),
})
const Match = z.looseObject({excludedNamespaces: Texts, namespaces: Texts, namespaceSelector: Selector.nullish(), labelSelector: Selector.nullish()})
const Meta = z.looseObject({name: z.string().min(1), labels: Labels})

const SHAPES = {
  Namespace: z.looseObject({metadata: Meta}),
  ValidatingWebhookConfiguration: z.looseObject({metadata: Meta, webhooks: z.array(Entry).nullish()}),
  Config: z.looseObject({
    metadata: Meta,
    spec: z.looseObject({match: z.array(z.looseObject({excludedNamespaces: Texts, processes: Texts})).nullish()}).nullish(),
  }),
  [CONSTRAINT_KIND]: z.looseObject({metadata: Meta, spec: z.looseObject({enforcementAction: z.string().nullish(), match: Match.nullish()}).nullish()}),
  Deployment: z.looseObject({
    metadata: Meta,
    spec: z.looseObject({template: z.looseObject({spec: z.looseObject({containers: z.array(z.looseObject({args: Texts, command: Texts}))})})}),
  }),
} as const
const List = z.looseObject({kind: z.string().regex(/List$/), metadata: z.looseObject({continue: z.string().nullish()}).nullish(), items: z.array(z.unknown())})
const Kind = z.looseObject({kind: z.string(), apiVersion: z.string()})
/** Other groups have kinds of these names, too. */
const GROUPS: Readonly<Record<string, RegExp>> = {Config: /^config\.gatekeeper\.sh\//, [CONSTRAINT_KIND]: /^constraints\.gatekeeper\.sh\//}

export interface Installation {
  readonly namespaces: readonly {readonly name: string; readonly labels: Readonly<Record<string, string>>}[]
  /** The entry of our webhook that is about pods; undefined where there is none. */
  readonly webhook: z.infer<typeof Entry> | undefined
  /** The constraint that refuses; undefined where there is none. */
  readonly constraint: {readonly action: string; readonly match: z.infer<typeof Match> | undefined} | undefined
  /** Patterns of Gatekeeper's own configuration, for its webhook. */
  readonly excluded: readonly string[]
  /** Of Gatekeeper: who may carry its ignore label. */
  readonly flags: readonly string[]
}

/** @param texts lists as kubectl prints them, which make one installation together. @throws AppError `usage.input` */
export function parseInstallation(texts: readonly Uint8Array[]): Installation {
  const items = texts.flatMap(itemsOf)
  const all = <T>(kind: string, shape: z.ZodType<T>) => items.flatMap((item, at) => readItem(kind, shape, item, at))
  const namespaces = all('Namespace', SHAPES.Namespace).map(({metadata}) => ({name: metadata.name, labels: metadata.labels}))
  if (namespaces.length === 0) throw unreadable('it names no namespace, and a cluster without any is not likely')
  const constraint = all(CONSTRAINT_KIND, SHAPES[CONSTRAINT_KIND]).find(({metadata}) => metadata.name === CONSTRAINT)
  return {
    namespaces,
    webhook: all('ValidatingWebhookConfiguration', SHAPES.ValidatingWebhookConfiguration)
      .find(({metadata}) => metadata.name === WEBHOOK)
      ?.webhooks?.find(({name}) => name === POD_ENTRY),
    constraint: constraint === undefined ? undefined : {action: constraint.spec?.enforcementAction ?? 'deny', match: constraint.spec?.match ?? undefined},
    excluded: all('Config', SHAPES.Config)
      .flatMap(({spec}) => spec?.match ?? [])
      .flatMap(({excludedNamespaces, processes}) => (processes.some((one) => one === '*' || one === 'webhook') ? excludedNamespaces : [])),
    flags: all('Deployment', SHAPES.Deployment)
      .filter(({metadata}) => Object.entries(GATEKEEPER_PODS).every(([key, value]) => metadata.labels[key] === value))
      .flatMap(({spec}) => spec.template.spec.containers.flatMap(({args, command}) => [...command, ...args]))
      .filter((arg) => /^--exempt-namespace(?:-prefix|-suffix)?(?:=|$)/.test(arg)),
  }
}

function readItem<T>(kind: string, shape: z.ZodType<T>, item: unknown, at: number): T[] {
  const head = Kind.safeParse(item).data
  if (head === undefined) throw unreadable(`items.${at} is no object of a cluster`)
  if (head.kind !== kind || GROUPS[kind]?.test(head.apiVersion) === false) return []
  const parsed = shape.safeParse(item)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw unreadable(`items.${[at, ...(issue?.path ?? []).map(String)].join('.')}: ${issue?.message ?? 'is of the wrong shape'}`)
  }
  return [parsed.data]
}

function itemsOf(bytes: Uint8Array): readonly unknown[] {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', {fatal: true}).decode(bytes))
  } catch (cause) {
    throw unreadable('it is not JSON', cause)
  }
  const list = List.safeParse(value)
  if (!list.success) throw unreadable('it is no list of objects')
  if (list.data.metadata?.continue) throw unreadable('it is one page of several')
  return list.data.items
}

function unreadable(why: string, cause?: unknown): AppError {
  return new AppError('usage.input', `what the cluster leaves out cannot be read: ${why}`, {cause, fix: `Give the output of: ${INSTALLATION_COMMAND}`})
}

export const INSTALLATION_COMMAND = `kubectl get namespaces,validatingwebhookconfigurations,configs.config.gatekeeper.sh,${CONSTRAINT_KIND.toLowerCase()}.constraints.gatekeeper.sh,deployments.apps --all-namespaces --output json`

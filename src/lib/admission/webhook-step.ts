/**
 * The one step that takes our webhook out of the way while its provider is down, and the one that brings it back.
 *
 * A condition that nothing meets: the webhook and all that it says stay, and undoing it needs nothing that was kept
 * elsewhere. Only the entry about pods keeps anything out. Pure.
 */
import {POD_ENTRY, WEBHOOK} from './manifests/names.ts'

const CONDITION = {name: 'break-glass.hipaa-ci', expression: 'false'}

export interface WebhookSteps {
  /** To be typed as they are. */
  readonly step: string
  readonly undo: string
}

export function webhookSteps(): WebhookSteps {
  const isOurs = {op: 'test', path: '/webhooks/0/name', value: POD_ENTRY}
  const path = '/webhooks/0/matchConditions'
  return {
    step: patch([isOurs, {op: 'add', path, value: [CONDITION]}]),
    undo: patch([isOurs, {op: 'test', path: `${path}/0/name`, value: CONDITION.name}, {op: 'remove', path}]),
  }
}

function patch(operations: readonly object[]): string {
  return `kubectl patch validatingwebhookconfiguration ${WEBHOOK} --type=json -p '${JSON.stringify(operations)}'`
}

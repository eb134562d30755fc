/**
 * The one step that takes our webhook out of the way while its provider is down, and the one that brings it back.
 *
 * A condition that nothing meets: the webhook and all that it says stay, and undoing it needs nothing that was kept
 * elsewhere. Only the entry about pods keeps anything out. Pure.
 */

/** Of the webhook configuration that `admission install` prints, and of its first entry. */
const CONFIGURATION = 'hipaa-ci-images'
const ENTRY = 'pods.images.hipaa-ci'
const CONDITION = {name: 'break-glass.hipaa-ci', expression: 'false'}

export interface WebhookSteps {
  /** To be typed as they are. */
  readonly step: string
  readonly undo: string
}

export function webhookSteps(): WebhookSteps {
  const isOurs = {op: 'test', path: '/webhooks/0/name', value: ENTRY}
  const path = '/webhooks/0/matchConditions'
  return {
    step: patch([isOurs, {op: 'add', path, value: [CONDITION]}]),
    undo: patch([isOurs, {op: 'test', path: `${path}/0/name`, value: CONDITION.name}, {op: 'remove', path}]),
  }
}

function patch(operations: readonly object[]): string {
  return `kubectl patch validatingwebhookconfiguration ${CONFIGURATION} --type=json -p '${JSON.stringify(operations)}'`
}

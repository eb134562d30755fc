/** Does Gatekeeper's general webhook, as a cluster has it, leave to ours what ours asks about? */
import {parse} from 'yaml'
import {z} from 'zod'
import {AppError} from '../../errors.ts'
import {leaveOut} from './gatekeeper-patch.ts'
import {GATEKEEPER_WEBHOOK} from './names.ts'

const Names = z.array(z.string()).default([])
const Configuration = z.looseObject({
  kind: z.literal('ValidatingWebhookConfiguration'),
  webhooks: z
    .array(
      z.looseObject({
        name: z.string(),
        matchConditions: z.array(z.looseObject({expression: z.string()})).default([]),
        rules: z.array(z.looseObject({apiGroups: Names, resources: Names})).default([]),
      }),
    )
    .default([]),
})

/**
 * @param text as `kubectl get validatingwebhookconfiguration … -o yaml` (or json) prints it
 * @param exempt namespaces that our webhook does not ask about: with others the patch is another one
 * @throws AppError `usage.input` where it is something else
 */
export function leavesOutPods(text: string, path: string, exempt: readonly string[]): boolean {
  const {webhooks} = read(text, path)
  const entry = webhooks.find(({name}) => name === GATEKEEPER_WEBHOOK.entry)
  const asks = (entry?.rules ?? []).some(
    ({apiGroups, resources}) =>
      apiGroups.some((group) => group === '' || group === '*') && resources.some((name) => ['*', '*/*', 'pods', 'pods/*'].includes(name)),
  )
  const [pods] = leaveOut(exempt)
  return !asks || (entry?.matchConditions ?? []).some(({expression}) => expression === pods?.expression)
}

function read(text: string, path: string): z.infer<typeof Configuration> {
  try {
    return Configuration.parse(parse(text))
  } catch (cause) {
    throw new AppError('usage.input', `${path} is no ValidatingWebhookConfiguration`, {
      cause,
      fix: `kubectl get validatingwebhookconfiguration ${GATEKEEPER_WEBHOOK.configuration} -o yaml > ${path}`,
    })
  }
}

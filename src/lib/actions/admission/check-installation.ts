/** Of what is to be installed: faults that a cluster would show only when it is too late. */
import {CANARY, GATEKEEPER_NAMESPACE} from '../../admission/manifests/names.ts'
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import {parseStoreAddress} from '../../evidence/store-address.ts'
import {parseReference} from '../../images/reference.ts'
import {checkCovered, checkRegistries} from './check-registries.ts'

export interface Wanted {
  readonly cluster: string
  readonly namespace: string
  readonly image: string
  readonly roleArn?: string
  /** Names of a Secret and a ConfigMap in the provider's namespace. */
  readonly registrySecret?: string
  readonly registryCa?: string
}

/** @throws AppError `usage.flag`, `usage.target`, `usage.input`, `policy.invalid`, `store.unsupported` */
export function checkInstallation({cluster, namespace, image, roleArn, registrySecret, registryCa}: Wanted, config: Config): void {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) throw new AppError('usage.flag', `--namespace ${namespace} is not the name of a namespace`)
  if (parseReference(image).digest === undefined)
    throw new AppError('usage.flag', `--image ${image} has no digest, so anybody who writes to its registry could change what judges the cluster`, {
      fix: 'Write it as REPOSITORY@sha256:<64 hex>.',
    })
  if (roleArn !== undefined && !/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(roleArn))
    throw new AppError('usage.flag', `--role-arn ${roleArn} is not the ARN of a role`, {fix: 'Write it as arn:aws:iam::111122223333:role/NAME.'})
  for (const [flag, name] of Object.entries({'--registry-secret': registrySecret, '--registry-ca-configmap': registryCa}))
    if (name !== undefined && (name.length > 253 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)))
      throw new AppError('usage.flag', `${flag} ${name} is not the name of an object`, {fix: `It lies in namespace ${namespace}, and is named, not brought.`})
  checkCovered(cluster, config)
  checkRegistries(cluster, config)
  for (const name of ['kube-system', namespace, GATEKEEPER_NAMESPACE])
    if (!config.admission.exempt.includes(name))
      throw new AppError(
        'usage.input',
        `\`admission.exempt\` leaves out ${name}: after a loss of all nodes nothing there could start, and so nothing anywhere`,
        {
          fix: `Add ${name} to admission.exempt in the policy.`,
        },
      )
  if (namespace === CANARY || config.admission.exempt.includes(CANARY))
    throw new AppError('usage.input', `${CANARY} is where the canary's pod has to be refused: it is neither exempt nor the provider's`, {
      fix: `Take ${CANARY} out of admission.exempt in the policy.`,
    })
  if (parseStoreAddress(config.store).kind === 'folder')
    throw new AppError('store.unsupported', `the evidence store is ${config.store}, and a provider in a cluster has no such folder`, {
      fix: 'Add --store "s3://BUCKET/PREFIX?region=REGION".',
    })
}

/** TCP ports of what the provider has to reach. */
export function portsOf({store, environments, images, revocations}: Config): readonly number[] {
  const repositories = [...Object.values(environments).map(({repository = ''}) => repository), ...images.map(({match}) => match)]
  const registries = repositories.flatMap((repository) => /^[^/]*:(\d{1,5})\//.exec(repository)?.[1] ?? []).map(Number)
  return [...new Set([...storePorts(store), ...portOf(revocations?.from), ...registries])].toSorted((left, right) => left - right)
}

/** And of what the canary has to reach beside the API server; 443 is that of who gives out credentials, too. */
export function storePorts(store: string): readonly number[] {
  const place = parseStoreAddress(store)
  return [...new Set([443, ...portOf(place.kind === 's3' ? place.endpoint : undefined)])]
}

function portOf(address: string | undefined): readonly number[] {
  return address === undefined || !URL.canParse(address) ? [] : [Number(new URL(address).port || 443)]
}

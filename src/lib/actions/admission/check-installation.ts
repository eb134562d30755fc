/** Of what is to be installed: faults that a cluster would show only when it is too late. */
import {GATEKEEPER_NAMESPACE} from '../../admission/manifests/names.ts'
import type {Config} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import {parseStoreAddress} from '../../evidence/store-address.ts'
import {parseReference} from '../../images/reference.ts'

export interface Wanted {
  readonly namespace: string
  readonly image: string
  readonly roleArn?: string
}

/** @throws AppError `usage.flag`, `usage.target`, `usage.input`, `store.unsupported` */
export function checkInstallation({namespace, image, roleArn}: Wanted, config: Config): void {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) throw new AppError('usage.flag', `--namespace ${namespace} is not the name of a namespace`)
  if (parseReference(image).digest === undefined)
    throw new AppError('usage.flag', `--image ${image} has no digest, so anybody who writes to its registry could change what judges the cluster`, {
      fix: 'Write it as REPOSITORY@sha256:<64 hex>.',
    })
  if (roleArn !== undefined && !/^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,512}$/.test(roleArn))
    throw new AppError('usage.flag', `--role-arn ${roleArn} is not the ARN of a role`, {fix: 'Write it as arn:aws:iam::111122223333:role/NAME.'})
  for (const name of [namespace, GATEKEEPER_NAMESPACE])
    if (!config.admission.exempt.includes(name))
      throw new AppError(
        'usage.input',
        `\`admission.exempt\` leaves out ${name}: after a loss of all nodes nothing there could start, and so nothing anywhere`,
        {
          fix: `Add ${name} to admission.exempt in the policy.`,
        },
      )
  if (parseStoreAddress(config.store).kind === 'folder')
    throw new AppError('store.unsupported', `the evidence store is ${config.store}, and a provider in a cluster has no such folder`, {
      fix: 'Add --store "s3://BUCKET/PREFIX?region=REGION".',
    })
}

/** TCP ports of what the provider has to reach. */
export function portsOf({store, environments, images, revocations}: Config): readonly number[] {
  const place = parseStoreAddress(store)
  const endpoint = place.kind === 's3' ? place.endpoint : undefined
  const addresses = [endpoint, revocations?.from].filter((text) => text !== undefined && URL.canParse(text))
  const web = addresses.map((text) => Number(new URL(text ?? '').port || 443))
  const repositories = [...Object.values(environments).map(({repository = ''}) => repository), ...images.map(({match}) => match)]
  const registries = repositories.flatMap((repository) => /^[^/]*:(\d{1,5})\//.exec(repository)?.[1] ?? []).map(Number)
  return [...new Set([443, ...web, ...registries])].toSorted((left, right) => left - right)
}

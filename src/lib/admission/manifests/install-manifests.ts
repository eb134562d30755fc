/**
 * All that is installed into a cluster, one object a file, in the order in which it can be applied.
 *
 * No private key is among it: the Secret with the provider's stands apart.
 */
import {certManagerObjects, gatekeeperAuthority} from './certificates.ts'
import {LABELS, type ClusterObject} from './cluster-object.ts'
import {constraintTemplate} from './constraint-template.ts'
import {constraints} from './constraints.ts'
import {engineerLookRole, engineerRole} from './engineer-roles.ts'
import type {ManifestFile} from './kustomization.ts'
import {labelGuard, labelGuardBinding} from './label-guard.ts'
import {SERVER, serverHost} from './names.ts'
import {networkPolicy, service} from './network.ts'
import {namespaceObject, serviceAccount} from './place.ts'
import {policyMount, type PolicyFile} from './policy-files.ts'
import {providerManifest} from './provider.ts'
import {disruptionBudget, serverWorkload} from './server-workload.ts'
import type {ServerArguments} from './server-arguments.ts'
import {webhook} from './webhook.ts'

export interface Installation extends ServerArguments {
  readonly namespace: string
  /** By digest. */
  readonly image: string
  /** That Gatekeeper does not ask about. */
  readonly exempt: readonly string[]
  readonly policyFiles: readonly PolicyFile[]
  readonly certificates: 'self' | 'cert-manager'
  readonly roleArn: string | undefined
  /** TCP, of the registries and the store. */
  readonly ports: readonly number[]
  /** Of Gatekeeper's certificate, PEM; undefined: it is brought in by hand. */
  readonly gatekeeperCa: string | undefined
  /** Of the provider's certificate, PEM. */
  readonly authorities: readonly string[]
}

/** @throws AppError `usage.input` */
export function installManifests(installation: Installation): readonly ManifestFile[] {
  const {namespace, image, cluster, policy, store, exempt, policyFiles, roleArn, ports, gatekeeperCa, authorities} = installation
  const {configMap, volume} = policyMount(namespace, policyFiles)
  return [
    ...firstManifests(installation),
    file('service-account', serviceAccount(namespace, roleArn)),
    file('policy', configMap),
    ...(gatekeeperCa === undefined ? [] : [file('gatekeeper-ca', gatekeeperAuthority(namespace, gatekeeperCa))]),
    file('service', service(namespace)),
    file('network-policy', networkPolicy(namespace, ports)),
    file('disruption-budget', disruptionBudget(namespace)),
    file('stateful-set', serverWorkload({namespace, image, cluster, policy, store, policyVolume: volume})),
    file('engineer-role', engineerRole()),
    file('engineer-look-role', engineerLookRole()),
    file('label-guard', labelGuard(exempt)),
    file('label-guard-binding', labelGuardBinding()),
    file('constraint-template', constraintTemplate()),
    file('provider', providerManifest({name: SERVER, url: `https://${serverHost(namespace)}/validate`, authority: authorities.join('')})),
    ...constraints(SERVER).map((object) => file(object.metadata.name.replace(/^hipaa-ci-images/, 'constraint'), {...object})),
    // The last: until it is there nobody asks.
    file('webhook', webhook(exempt)),
  ]
}

/** What has to be there before all else: the namespace, and with cert-manager what makes the certificate. */
export function firstManifests({namespace, certificates}: Pick<Installation, 'namespace' | 'certificates'>): readonly ManifestFile[] {
  const made = certificates === 'self' ? [] : certManagerObjects(namespace)
  return [
    file('namespace', namespaceObject(namespace)),
    ...made.map((object) => file(`cert-manager-${object.kind.toLowerCase()}-${object.metadata.name.replace(/^hipaa-ci-/, '')}`, object)),
  ]
}

function file(name: string, object: ClusterObject): ManifestFile {
  const {metadata} = object
  return {name: `${name}.yaml`, object: {...object, metadata: {...metadata, labels: {...LABELS, ...metadata.labels}}}}
}

/**
 * All that is installed into a cluster, one object a file, in the order in which it can be applied.
 *
 * No private key is among it: the Secret with the provider's stands apart.
 */
import {canaryAccount, canaryBinding, canaryGuard, canaryGuardBinding, canaryNamespace, canaryRole} from './canary-place.ts'
import {canaryWorkload} from './canary-workload.ts'
import {certificateRole, certificateRoleBinding} from './certificate-role.ts'
import {certManagerObjects, gatekeeperAuthority} from './certificates.ts'
import {AFTER, LABELS, type ClusterObject} from './cluster-object.ts'
import {constraintTemplate} from './constraint-template.ts'
import {constraints} from './constraints.ts'
import {engineerLookRole, engineerRole} from './engineer-roles.ts'
import type {ManifestFile} from './kustomization.ts'
import {labelGuard, labelGuardBinding} from './label-guard.ts'
import {CONSTRAINT, SERVER, serverHost} from './names.ts'
import {canaryNetworkPolicy, networkPolicy, service} from './network.ts'
import {restrictedNamespace, serviceAccount} from './place.ts'
import {policyMount, type PolicyFile} from './policy-files.ts'
import {providerManifest} from './provider.ts'
import {disruptionBudget, serverWorkload} from './server-workload.ts'
import type {RegistryAccess} from './registry-access.ts'
import type {ServerArguments} from './server-arguments.ts'
import {webhook} from './webhook.ts'

export interface Installation extends ServerArguments, RegistryAccess {
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
  /** Of the store alone. */
  readonly storePorts: readonly number[]
  /** Of Gatekeeper's certificate, PEM; undefined: it is brought in by hand. */
  readonly gatekeeperCa: string | undefined
  /** Of the provider's certificate, PEM. */
  readonly authorities: readonly string[]
}

/** @throws AppError `usage.input` */
export function installManifests(installation: Installation): readonly ManifestFile[] {
  const {namespace, image, cluster, policy, store, exempt, policyFiles, roleArn, ports, storePorts, gatekeeperCa, authorities, registrySecret, registryCa} =
    installation
  const {configMap, volume} = policyMount(namespace, policyFiles)
  const workload = {namespace, image, cluster, policy, store, registrySecret, registryCa, policyVolume: volume}
  return [
    ...firstManifests(installation),
    file('service-account', serviceAccount(namespace, roleArn)),
    file('policy', configMap),
    ...(gatekeeperCa === undefined ? [] : [file('gatekeeper-ca', gatekeeperAuthority(namespace, gatekeeperCa))]),
    file('service', service(namespace)),
    file('network-policy', networkPolicy(namespace, ports)),
    file('disruption-budget', disruptionBudget(namespace)),
    file('stateful-set', serverWorkload(workload)),
    file('engineer-role', engineerRole()),
    file('engineer-look-role', engineerLookRole()),
    file('certificate-role', certificateRole()),
    file('certificate-role-binding', certificateRoleBinding()),
    file('label-guard', labelGuard(exempt)),
    file('label-guard-binding', labelGuardBinding()),
    file('constraint-template', constraintTemplate()),
    file('provider', providerManifest({name: SERVER, url: `https://${serverHost(namespace)}/validate`, authority: authorities.join('')})),
    ...constraints(SERVER, exempt).map((object) => file(object.metadata.name.replace(CONSTRAINT, 'constraint'), {...object}, AFTER.provider)),
    file('canary-namespace', canaryNamespace()),
    file('canary-service-account', canaryAccount(namespace, roleArn)),
    file('canary-role', canaryRole()),
    file('canary-role-binding', canaryBinding(namespace)),
    file('canary-guard', canaryGuard()),
    file('canary-guard-binding', canaryGuardBinding()),
    file('canary-network-policy', canaryNetworkPolicy(namespace, storePorts)),
    file('canary-deployment', canaryWorkload(workload), AFTER.webhook),
    // The last: until it is there nobody asks.
    file('webhook', webhook(exempt), AFTER.provider),
  ]
}

/** What has to be there before all else: the namespace, and with cert-manager what makes the certificate. */
export function firstManifests({namespace, certificates}: Pick<Installation, 'namespace' | 'certificates'>): readonly ManifestFile[] {
  const made = certificates === 'self' ? [] : certManagerObjects(namespace)
  return [
    file('namespace', restrictedNamespace(namespace)),
    ...made.map((object) => file(`cert-manager-${object.kind.toLowerCase()}-${object.metadata.name.replace(/^hipaa-ci-/, '')}`, object)),
  ]
}

function file(name: string, object: ClusterObject, after: Readonly<Record<string, string>> = {}): ManifestFile {
  const {metadata} = object
  return {name: `${name}.yaml`, object: {...object, metadata: {...metadata, labels: {...LABELS, ...metadata.labels, ...after}}}}
}

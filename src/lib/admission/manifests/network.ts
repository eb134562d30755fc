/**
 * Who reaches the provider, and whom it reaches. A namespace whose label `hipaa-ci/metrics` is `allowed` may read the
 * metrics; the kubelet's probes come from the node itself, which no policy keeps out.
 *
 * Registry, store and key service have names, not addresses: so their ports are opened, and the addresses of the node's
 * own services, which give away its credentials, are not.
 */
import {LABELS, type ClusterObject} from './cluster-object.ts'
import {GATEKEEPER_NAMESPACE, GATEKEEPER_PODS, PORTS, SERVER} from './names.ts'

const SELECTED = {'app.kubernetes.io/name': LABELS['app.kubernetes.io/name']}

export function service(namespace: string): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {name: SERVER, namespace},
    spec: {type: 'ClusterIP', selector: SELECTED, ports: [{name: 'https', port: 443, targetPort: 'serve', protocol: 'TCP'}]},
  }
}

/** @param ports of the registries and the store, TCP */
export function networkPolicy(namespace: string, ports: readonly number[]): ClusterObject {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {name: SERVER, namespace},
    spec: {
      podSelector: {matchLabels: SELECTED},
      policyTypes: ['Ingress', 'Egress'],
      ingress: [
        {from: [{namespaceSelector: inNamespace(GATEKEEPER_NAMESPACE), podSelector: {matchLabels: GATEKEEPER_PODS}}], ports: [tcp(PORTS.serve)]},
        {from: [{namespaceSelector: {matchLabels: {'hipaa-ci/metrics': 'allowed'}}}], ports: [tcp(PORTS.observe)]},
      ],
      egress: [
        {
          to: [{namespaceSelector: inNamespace('kube-system'), podSelector: {matchLabels: {'k8s-app': 'kube-dns'}}}, {ipBlock: {cidr: '169.254.20.10/32'}}],
          ports: [{protocol: 'UDP', port: 53}, tcp(53)],
        },
        {
          to: [{ipBlock: {cidr: '0.0.0.0/0', except: ['169.254.0.0/16']}}, {ipBlock: {cidr: '::/0', except: ['fe80::/10', 'fd00:ec2::/32']}}],
          ports: ports.map(tcp),
        },
      ],
    },
  }
}

function tcp(port: number): object {
  return {protocol: 'TCP', port}
}

function inNamespace(name: string): object {
  return {matchLabels: {'kubernetes.io/metadata.name': name}}
}

/**
 * The provider's certificate as objects: a Secret with a self-made one, or what cert-manager needs to make and renew it;
 * and the authority of Gatekeeper's own certificate, by which the provider knows who asks.
 */
import type {ClusterObject} from './cluster-object.ts'
import {GATEKEEPER_CA, TLS_SECRET, serverHost} from './names.ts'

/** PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

/** `Secret hipaa-ci-tls`: the one object that holds a private key. */
export function tlsSecret(namespace: string, {certificate, key}: KeyPair): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {name: TLS_SECRET, namespace},
    type: 'kubernetes.io/tls',
    stringData: {'tls.crt': certificate, 'tls.key': key},
  }
}

/** @param authority PEM */
export function gatekeeperAuthority(namespace: string, authority: string): ClusterObject {
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: GATEKEEPER_CA, namespace}, data: {'ca.crt': authority}}
}

/** An authority for this one server, in this namespace alone, and the certificate, renewed a month before it ends. */
export function certManagerObjects(namespace: string): readonly ClusterObject[] {
  const object = (kind: string, name: string, spec: object): ClusterObject => ({
    apiVersion: 'cert-manager.io/v1',
    kind,
    metadata: {name, namespace},
    spec,
  })
  const privateKey = {algorithm: 'ECDSA', size: 256, rotationPolicy: 'Always'}
  return [
    object('Issuer', 'hipaa-ci-self', {selfSigned: {}}),
    object('Certificate', 'hipaa-ci-ca', {
      isCA: true,
      commonName: 'hipaa-ci admission',
      secretName: 'hipaa-ci-ca',
      duration: '43800h',
      privateKey: {...privateKey, rotationPolicy: 'Never'},
      ...by('hipaa-ci-self'),
    }),
    object('Issuer', 'hipaa-ci-ca', {ca: {secretName: 'hipaa-ci-ca'}}),
    object('Certificate', TLS_SECRET, {
      secretName: TLS_SECRET,
      commonName: serverHost(namespace),
      dnsNames: [serverHost(namespace), `${serverHost(namespace)}.cluster.local`],
      usages: ['server auth', 'digital signature'],
      duration: '2160h',
      renewBefore: '720h',
      privateKey,
      ...by('hipaa-ci-ca'),
    }),
  ]
}

function by(name: string): object {
  return {issuerRef: {group: 'cert-manager.io', kind: 'Issuer', name}}
}

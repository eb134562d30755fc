/**
 * The keys and certificates of a test cluster: its API server, its people, and Gatekeeper, each of an authority that the
 * others do not trust. Written into a folder, because servers read files; synthetic, and good for a day.
 */
import {generateKeyPairSync} from 'node:crypto'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {stringify} from 'yaml'
import {createAuthority, type TestAuthority} from '../certificates.ts'

/** Gatekeeper's own account: what is tested is what its real role may do. */
export const GATEKEEPER = 'system:serviceaccount:gatekeeper-system:gatekeeper-admin'
/** What the certificate says that Gatekeeper shows to a provider. */
export const GATEKEEPER_HOST = 'gatekeeper-webhook-service.gatekeeper-system.svc'

/** In the cluster's administrators or in the group `developers`. */
export interface Person {
  readonly name: string
  readonly groups: readonly string[]
}

export interface ClusterKeys {
  readonly folder: string
  /** PEM of the authority that Gatekeeper's certificate is of. */
  readonly gatekeeperAuthority: string
  /** Path of a kubeconfig; made at the first call. */
  kubeconfig(person: Person): string
}

/** @param endpoint `https://127.0.0.1:PORT` */
export function writeClusterKeys(folder: string, endpoint: string): ClusterKeys {
  const [cluster, gatekeeper] = [createAuthority('Synthetic Cluster Authority'), createAuthority('Synthetic Gatekeeper Authority')]
  mkdirSync(join(folder, 'gatekeeper'), {recursive: true})
  const write = (name: string, text: string) => writeFileSync(join(folder, name), text, {mode: 0o600})
  const writePair = (name: string, pair: {cert: string; key: string}) => {
    write(`${name}.crt`, pair.cert)
    write(`${name}.key`, pair.key)
  }
  write('cluster-ca.crt', cluster.cert)
  writePair('apiserver', cluster.issueTo({name: 'kube-apiserver'}, ['127.0.0.1', 'localhost', 'kubernetes.default.svc']))
  writePair('gatekeeper/tls', gatekeeper.issueTo({name: GATEKEEPER_HOST}, ['127.0.0.1', GATEKEEPER_HOST]))
  write('gatekeeper/ca.crt', gatekeeper.cert)
  const accounts = generateKeyPairSync('rsa', {modulusLength: 2048})
  write('accounts.key', accounts.privateKey.export({type: 'pkcs1', format: 'pem'}).toString())
  write('accounts.pub', accounts.publicKey.export({type: 'spki', format: 'pem'}).toString())
  const known = new Map<string, string>()
  return {
    folder,
    gatekeeperAuthority: gatekeeper.cert,
    kubeconfig(person) {
      const path = known.get(person.name) ?? join(folder, `${known.size}.kubeconfig`)
      if (!known.has(person.name)) write(`${known.size}.kubeconfig`, kubeconfig(person, cluster, endpoint))
      known.set(person.name, path)
      return path
    },
  }
}

function kubeconfig({name, groups}: Person, cluster: TestAuthority, endpoint: string): string {
  const {cert, key} = cluster.issueTo({name, organisations: groups})
  const data = (text: string) => Buffer.from(text).toString('base64')
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{name: 'test', cluster: {server: endpoint, 'certificate-authority-data': data(cluster.cert)}}],
    users: [{name: 'user', user: {'client-certificate-data': data(cert), 'client-key-data': data(key)}}],
    contexts: [{name: 'test', context: {cluster: 'test', user: 'user'}}],
    'current-context': 'test',
  })
}

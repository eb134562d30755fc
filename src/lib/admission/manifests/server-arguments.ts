/** How the provider is called in its container, and where its volumes lie there. */
import {GATEKEEPER_NAMESPACE, GATEKEEPER_SERVICE, PORTS} from './names.ts'

/** `policy` is the working folder too: files that a policy from an address names are looked for there. */
export const FOLDERS = {
  policy: '/etc/hipaa-ci/policy',
  tls: '/etc/hipaa-ci/tls',
  gatekeeper: '/etc/hipaa-ci/gatekeeper',
  log: '/var/lib/hipaa-ci',
  scratch: '/tmp',
}

export interface ServerArguments {
  readonly cluster: string
  /** A path below the folder of the policy, or `URL@sha256:…`. */
  readonly policy: string
  /** `s3://…` */
  readonly store: string
}

export function serverArguments({cluster, policy, store}: ServerArguments): string[] {
  return [
    'admission',
    'serve',
    `--cluster=${cluster}`,
    `--policy=${policy}`,
    `--store=${store}`,
    `--wal=${FOLDERS.log}/wal`,
    `--listen=0.0.0.0:${PORTS.serve}`,
    `--observe=0.0.0.0:${PORTS.observe}`,
    `--tls-cert=${FOLDERS.tls}/tls.crt`,
    `--tls-key=${FOLDERS.tls}/tls.key`,
    `--client-ca=${FOLDERS.gatekeeper}/ca.crt`,
    `--client-name=${GATEKEEPER_SERVICE}.${GATEKEEPER_NAMESPACE}.svc`,
  ]
}

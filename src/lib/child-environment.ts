/**
 * The variables that a child process gets: a list, not what happens to be set. Tools read configuration from their own
 * variables (TRIVY_…, SYFT_…, COSIGN_…), and those of a job under test must not steer what judges it. Pure.
 */
import {delimiter, isAbsolute} from 'node:path'

const PASSED = [
  // Who and where: registry credentials and helpers are looked up below HOME.
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'LC_ALL',
  'LC_CTYPE',
  'TZ',
  'TMPDIR',
  'TMP',
  'TEMP',
  'XDG_CACHE_HOME',
  'XDG_CONFIG_HOME',
  'XDG_DATA_HOME',
  'XDG_RUNTIME_DIR',
  'DOCKER_CONFIG',
  // The way out, and whom to believe there.
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'ALL_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'all_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  // Windows starts nothing without these.
  'SystemRoot',
  'SYSTEMROOT',
  'windir',
  'COMSPEC',
  'PATHEXT',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'ProgramData',
] as const

/** Cosign asks both by the same client. */
const VAULT_OR_BAO = ['VAULT_NAMESPACE', 'VAULT_CACERT', 'VAULT_CAPATH', 'TRANSIT_SECRET_ENGINE_PATH']

/**
 * What reaches a key service, for the one run that signs with a key in it. AWS is not here: there a child is given the
 * credentials that were judged. Nothing that turns a check off is passed on (AWS_TLS_INSECURE_SKIP_VERIFY, VAULT_SKIP_VERIFY).
 */
const KEY_SERVICES: Readonly<Record<string, readonly string[]>> = {
  gcpkms: ['GOOGLE_APPLICATION_CREDENTIALS', 'GOOGLE_CLOUD_PROJECT', 'GOOGLE_CLOUD_QUOTA_PROJECT', 'CLOUDSDK_CONFIG', 'GCE_METADATA_HOST'],
  azurekms: [
    'AZURE_TENANT_ID',
    'AZURE_CLIENT_ID',
    'AZURE_CLIENT_SECRET',
    'AZURE_CLIENT_CERTIFICATE_PATH',
    'AZURE_CLIENT_CERTIFICATE_PASSWORD',
    'AZURE_FEDERATED_TOKEN_FILE',
    'AZURE_AUTHORITY_HOST',
    'AZURE_AUTH_METHOD',
    'AZURE_ENVIRONMENT',
    'AZURE_CONFIG_DIR',
    'IDENTITY_ENDPOINT',
    'IDENTITY_HEADER',
  ],
  hashivault: ['VAULT_ADDR', 'VAULT_TOKEN', ...VAULT_OR_BAO],
  openbao: ['BAO_ADDR', 'BAO_TOKEN', ...VAULT_OR_BAO],
  k8s: ['COSIGN_PASSWORD', 'KUBECONFIG', 'KUBERNETES_SERVICE_HOST', 'KUBERNETES_SERVICE_PORT'],
  pkcs11: ['COSIGN_PKCS11_PIN', 'COSIGN_PKCS11_MODULE_PATH'],
}

/** @param scheme of the key's URI; @param variable of our own environment */
export function keyServiceVariables(scheme: string, variable: (name: string) => string | undefined): Record<string, string> {
  const result: Record<string, string> = {}
  for (const name of KEY_SERVICES[scheme] ?? []) {
    const value = variable(name)
    if (value !== undefined) result[name] = value
  }
  return result
}

/** How kubectl finds a cluster, and how a cloud's plugin logs in to it. */
const CLUSTER = [
  'KUBECONFIG',
  'KUBERNETES_SERVICE_HOST',
  'KUBERNETES_SERVICE_PORT',
  'AWS_PROFILE',
  'AWS_REGION',
  'AWS_DEFAULT_REGION',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONFIG_FILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'CLOUDSDK_CONFIG',
  'AZURE_TENANT_ID',
  'AZURE_CLIENT_ID',
  'AZURE_FEDERATED_TOKEN_FILE',
  'AZURE_AUTHORITY_HOST',
  'AZURE_CONFIG_DIR',
] as const

/** For the one run that asks a cluster. @param variable of our own environment */
export function clusterVariables(variable: (name: string) => string | undefined): Record<string, string> {
  return Object.fromEntries(CLUSTER.flatMap((name) => (variable(name) === undefined ? [] : [[name, variable(name) ?? '']])))
}

/**
 * The allow-listed part of `source`, then `extra`.
 * An extra CA file that only Node knows is handed on as SSL_CERT_FILE: on Linux, Go still reads the system's folder beside it.
 */
export function childEnvironment(source: Readonly<Record<string, string | undefined>>, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const result: Record<string, string> = {}
  for (const name of PASSED) {
    const value = source[name]
    if (value !== undefined) result[name] = value
  }
  const extraCa = source['NODE_EXTRA_CA_CERTS']
  if (extraCa !== undefined && isAbsolute(extraCa) && result['SSL_CERT_FILE'] === undefined) result['SSL_CERT_FILE'] = extraCa
  if (result['PATH'] !== undefined) result['PATH'] = absoluteEntries(result['PATH'])
  return {...result, ...extra}
}

/** A relative entry of PATH names whatever lies in the working folder. */
function absoluteEntries(path: string): string {
  return path.split(delimiter).filter(isAbsolute).join(delimiter)
}

/**
 * A real Kubernetes API server and Gatekeeper on loopback, without nodes: admission, roles and the audit log are real,
 * and pods stay Pending. People come by client certificate.
 *
 * Gatekeeper is started by itself, so that a test can stop, freeze and start it. What it keeps about its own state is
 * removed before each start: version 3.23 takes a status that is left from before for its own, and then says that it is
 * ready while it has loaded nothing.
 */
import {spawn} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {builtFile, builtTool} from '../../scripts/built-tool.ts'
import {freePort} from '../free-port.ts'
import {startKept, type KeptProgram} from '../kept-program.ts'
import {ended, type Ended} from '../program.ts'
import {GATEKEEPER, writeClusterKeys, type ClusterKeys, type Person} from './pki.ts'

export const ADMIN: Person = {name: 'admin', groups: ['system:masters']}

export interface TestCluster {
  readonly endpoint: string
  readonly keys: ClusterKeys
  /** Path of the API server's audit log: a JSON event a line. */
  readonly auditLog: string
  kubectl(person: Person, argv: readonly string[], input?: string): Promise<Ended>
  /** As the administrator. @throws where it fails, with what kubectl said */
  must(argv: readonly string[], input?: string): Promise<string>
  readonly gatekeeper: TestGatekeeper
  stop(): Promise<void>
}

export interface TestGatekeeper {
  /** Where it answers the API server, `https://127.0.0.1:PORT`. */
  readonly url: string
  /** Path of what it prints. */
  readonly log: string
  start(): Promise<void>
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>
  pid(): number
}

/** Every event with its request: what a cluster that is held to account keeps. */
const AUDIT_POLICY = {apiVersion: 'audit.k8s.io/v1', kind: 'Policy', omitStages: ['RequestReceived'], rules: [{level: 'Metadata'}]}
/** Of Gatekeeper's own manifest: what it needs where it does not run in the cluster. */
const NEEDED = ['CustomResourceDefinition', 'Namespace', 'ServiceAccount', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']

export async function startCluster(): Promise<TestCluster> {
  const folder = mkdtempSync(join(tmpdir(), 'hipaa-ci-cluster-'))
  const [client, peer, secure, webhook, health, metrics] = await Promise.all(Array.from({length: 6}, freePort))
  const endpoint = `https://127.0.0.1:${secure}`
  const keys = writeClusterKeys(join(folder, 'keys'), endpoint)
  const started: KeptProgram[] = []
  const stopAll = async () => {
    for (const program of started.toReversed()) await program.stop()
    rmSync(folder, {recursive: true, force: true})
  }
  const kubectl = async (person: Person, argv: readonly string[], input = '') => {
    const child = spawn(builtTool('kubectl'), [`--kubeconfig=${keys.kubeconfig(person)}`, `--cache-dir=${join(folder, 'kubectl')}`, ...argv])
    child.stdin.end(input)
    return ended(child)
  }
  const must = async (argv: readonly string[], input?: string) => {
    const {code, stdout, stderr} = await kubectl(ADMIN, argv, input)
    if (code !== 0) throw new Error(`kubectl ${argv.join(' ')}: ${stderr}`)
    return stdout
  }
  try {
    started.push(await startEtcd(folder, {client, peer}))
    started.push(await startApiServer({folder, keys, port: secure, etcd: client}, async () => (await must(['get', '--raw', '/readyz'])) === 'ok'))
    const manifest = readFileSync(builtFile('gatekeeper', 'gatekeeper.yaml'), 'utf8')
    const needed = manifest.split(/^---$/m).filter((text) => NEEDED.includes(/^kind: (\S+)/m.exec(text)?.[1] ?? ''))
    await must(['apply', '--server-side', '-f', '-'], needed.join('\n---\n'))
    await must(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s'])
  } catch (error) {
    await stopAll()
    throw error
  }
  return {
    endpoint,
    keys,
    auditLog: join(folder, 'audit.log'),
    kubectl,
    must,
    gatekeeper: gatekeeperOf({folder, keys, ports: {webhook, health, metrics}, must, started}),
    stop: stopAll,
  }
}

async function startEtcd(folder: string, {client, peer}: {client: number | undefined; peer: number | undefined}): Promise<KeptProgram> {
  const [own, other] = [`http://127.0.0.1:${client}`, `http://127.0.0.1:${peer}`]
  const argv = [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${own}`,
    `--advertise-client-urls=${own}`,
    `--listen-peer-urls=${other}`,
    `--initial-advertise-peer-urls=${other}`,
    `--initial-cluster=default=${other}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ]
  return startKept(builtTool('etcd'), argv, {log: join(folder, 'etcd.log'), isReady: async () => (await fetch(`${own}/health`)).ok})
}

interface ServerOptions {
  readonly folder: string
  readonly keys: ClusterKeys
  readonly port: number | undefined
  readonly etcd: number | undefined
}

async function startApiServer({folder, keys, port, etcd}: ServerOptions, isReady: () => Promise<boolean>): Promise<KeptProgram> {
  const policy = join(folder, 'audit-policy.json')
  writeFileSync(policy, JSON.stringify(AUDIT_POLICY))
  const key = (name: string) => join(keys.folder, name)
  const argv = [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    '--endpoint-reconciler-type=none',
    `--tls-cert-file=${key('apiserver.crt')}`,
    `--tls-private-key-file=${key('apiserver.key')}`,
    `--client-ca-file=${key('cluster-ca.crt')}`,
    '--authorization-mode=RBAC',
    '--anonymous-auth=false',
    `--service-account-issuer=https://127.0.0.1:${port}`,
    `--service-account-key-file=${key('accounts.pub')}`,
    `--service-account-signing-key-file=${key('accounts.key')}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    '--disable-admission-plugins=ServiceAccount',
    `--audit-policy-file=${policy}`,
    `--audit-log-path=${join(folder, 'audit.log')}`,
    '--audit-log-mode=blocking',
    '--profiling=false',
  ]
  return startKept(builtTool('kube-apiserver'), argv, {log: join(folder, 'apiserver.log'), isReady, within: 120_000})
}

interface GatekeeperOptions {
  readonly folder: string
  readonly keys: ClusterKeys
  readonly ports: {readonly webhook: number | undefined; readonly health: number | undefined; readonly metrics: number | undefined}
  readonly must: TestCluster['must']
  readonly started: KeptProgram[]
}

function gatekeeperOf({folder, keys, ports: {webhook, health, metrics}, must, started}: GatekeeperOptions): TestGatekeeper {
  const log = join(folder, 'gatekeeper.log')
  const cache = join(folder, 'gatekeeper-audit')
  mkdirSync(cache)
  let running: KeptProgram | undefined
  const argv = [
    `--kubeconfig=${keys.kubeconfig({name: GATEKEEPER, groups: []})}`,
    '--debug-use-fake-pod',
    '--disable-cert-rotation',
    `--cert-dir=${join(keys.folder, 'gatekeeper')}`,
    '--host=127.0.0.1',
    `--port=${webhook}`,
    `--health-addr=127.0.0.1:${health}`,
    `--prometheus-port=${metrics}`,
    // Of its own: the audit empties it, with folders and all.
    `--api-cache-dir=${cache}`,
    '--log-denies',
    '--max-serving-threads=64',
    '--shutdown-delay=0',
    '--operation=webhook',
    '--operation=status',
    '--operation=audit',
    '--audit-interval=5',
    '--operation=generate',
  ]
  return {
    url: `https://127.0.0.1:${webhook}`,
    log,
    async start() {
      await must(['delete', 'constraintpodstatuses,constrainttemplatepodstatuses', '--all', '--namespace=gatekeeper-system'])
      running = await startKept(builtTool('gatekeeper'), argv, {log, isReady: async () => (await fetch(`http://127.0.0.1:${health}/readyz`)).ok})
      started.push(running)
    },
    async stop(signal) {
      await running?.stop(signal)
    },
    pid: () => running?.pid ?? -1,
  }
}

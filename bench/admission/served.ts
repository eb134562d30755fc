/** The built `admission serve` in a folder of its own, with its policy and certificates; stopped by its pid. */
import {spawn, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {setTimeout as wait} from 'node:timers/promises'
import {NAMESPACE} from '../../test/cluster/apply-installed.ts'
import type {TestSigner} from '../../test/fakes/dsse-signer.ts'
import {NODE_OPTIONS} from '../../src/lib/admission/manifests/server-workload.ts'
import {freePort} from '../../test/free-port.ts'
import type {IssuedCertificate} from '../../test/certificates.ts'
import {PLACES} from './signed-images.ts'

export interface Served {
  /** `https://127.0.0.1:PORT/validate` */
  readonly url: string
  /** Milliseconds from the start of the process to the first good answer of `/readyz`. */
  readonly readyAfter: number
  /** MiB: now, and at most so far. */
  memory(): Promise<{readonly now: number; readonly most: number}>
  /** Of its process, milliseconds so far. */
  cpu(): Promise<number>
  stop(): Promise<void>
}

export interface Serving {
  readonly folder: string
  readonly cluster: string
  /** What images are called by, `HOST:PORT`. */
  readonly registry: string
  readonly signer: TestSigner
  readonly certificate: IssuedCertificate
  /** PEM. */
  readonly clientAuthority: string
}

const RUN = fileURLToPath(new URL('../../bin/run.js', import.meta.url))

/** Once for a folder. */
export async function layServing({folder, cluster, registry, signer, certificate, clientAuthority}: Serving): Promise<void> {
  const requires = `{signature: {keys: [{spki: "sha256:${signer.spki}", file: trusted.pub}]}}`
  const environments = PLACES.map(
    (place, nth) =>
      `  ${place}: {repository: "${registry}/bench/${place}", match: {clusters: [${cluster}], namespaces: [${place}${nth === 0 ? `, ${NAMESPACE}` : ''}]}, requires: ${requires}}\n`,
  )
  const policy = `version: 1\nsystem: bench\nenvironments:\n${environments.join('')}`
  const files = {'policy.yaml': policy, 'trusted.pub': signer.pem, 'tls.crt': certificate.cert, 'tls.key': certificate.key, 'ca.crt': clientAuthority}
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
}

export async function serve({folder, cluster}: Pick<Serving, 'folder' | 'cluster'>): Promise<Served> {
  const [listen, observe] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const own = ['--cluster', cluster, '--policy', 'policy.yaml', '--wal', 'wal', '--replica', 'bench-0', '--listen', listen, '--observe', observe]
  const argv = [RUN, 'admission', 'serve', ...own, '--tls-cert', 'tls.crt', '--tls-key', 'tls.key', '--client-ca', 'ca.crt']
  const began = performance.now()
  const child = spawn(process.execPath, argv, {
    cwd: folder,
    env: {PATH: process.env['PATH'], HOME: folder, NODE_OPTIONS},
    stdio: ['pipe', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4000)))
  while (!(await isReady(`http://${observe}/readyz`))) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`)
    await wait(5)
  }
  return {
    url: `https://${listen}/validate`,
    readyAfter: performance.now() - began,
    memory: async () => memoryOf(child),
    cpu: async () => cpuOf(child),
    async stop() {
      if (child.exitCode === null) {
        child.kill()
        await once(child, 'exit')
      }
      if (child.exitCode !== 0) throw new Error(`it ended with ${child.exitCode}: ${said}`)
    },
  }
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

/** By `/proc`: elsewhere not known. */
async function memoryOf({pid}: ChildProcess): Promise<{now: number; most: number}> {
  const text = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const mebibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? Number.NaN) / 1024
  return {now: mebibytes('VmRSS'), most: mebibytes('VmHWM')}
}

/** In ticks of 10 ms. */
async function cpuOf({pid}: ChildProcess): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  const [, , , , , , , , , , , user, system] = text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number)
  return ((user ?? Number.NaN) + (system ?? Number.NaN)) * 10
}

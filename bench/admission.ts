/**
 * What admission costs: `node bench/admission.ts [digests]`, default 10,000; the program has to be built.
 *
 * The built `admission serve` over a real registry that answers late: images that it knows and images that it never saw, as
 * many as it can, its memory, its log, and what pods cost through a real API server beside the least provider that could
 * stand there. It judges nothing but its own set-up: a test with a clock fails on a busy machine.
 */
import {mkdir, mkdtemp, rm} from 'node:fs/promises'
import {loadavg, tmpdir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {createAuthority} from '../test/certificates.ts'
import {installOnCluster} from '../test/cluster/install-on-cluster.ts'
import {GATEKEEPER_HOST} from '../test/cluster/pki.ts'
import {createSigner} from '../test/fakes/dsse-signer.ts'
import {storeOf} from '../test/fakes/store-of.ts'
import {startS3} from '../test/s3.ts'
import {askingOf, inTurn, paced} from './admission/asking.ts'
import {startFarRegistry, type FarRegistry} from './admission/far-registry.ts'
import {appendWaits, shippingSpeed} from './admission/log-speed.ts'
import {pageOf, type Found} from './admission/page.ts'
import {startMinimal} from './admission/providers.ts'
import {longestChain} from './round-trips.ts'
import {layServing, serve} from './admission/served.ts'
import {imageMaker} from './admission/signed-images.ts'
import {storms} from './admission/through-api-server.ts'
import {keepResult} from './results.ts'

const [DIGESTS = 10_000] = process.argv.slice(2).map(Number)
const DELAY = 50
const [COLD, COLD_AT_ONCE] = [200, 4]
const [CACHED, PER_SECOND] = [1_000, 50]
const [SUSTAINED, AT_ONCE] = [5_000, 16]
const STARTS = 5
const APPENDS = 2_000
const SHIPPED = 1_000
const STORM = 200
const CLUSTER = 'bench'

const [before = Number.NaN] = loadavg()
const scratch = await mkdtemp(join(tmpdir(), 'hipaa-ci-bench-'))
const registry = await startFarRegistry()
const servers = createAuthority('Synthetic Provider Authority')
const signer = createSigner()
try {
  const make = imageMaker(registry, signer)
  const asked = await byItself(make, registry)
  const log = await ofTheLog()
  const [image = ''] = await make(1)
  const found = {...asked, ...log, storms: await throughApiServer(image)}
  const [after = Number.NaN] = loadavg()
  const part = pageOf({...found, load: [before, after], delay: DELAY})
  keepResult(part)
  process.stdout.write(part)
} finally {
  await registry.stop()
  await rm(scratch, {recursive: true, force: true})
}

async function byItself(
  make: (count: number) => Promise<string[]>,
  {setDelay, spans}: FarRegistry,
): Promise<Pick<Found, 'ready' | 'cold' | 'cached' | 'sustained' | 'memory'>> {
  const [folder, clients] = [join(scratch, 'serve'), createAuthority('Synthetic Gatekeeper Authority')]
  await layIn(folder, clients.cert)
  const ready: number[] = []
  for (let nth = 1; nth < STARTS; nth += 1) {
    const started = await serve({folder, cluster: CLUSTER})
    ready.push(started.readyAfter)
    await started.stop()
  }
  const [first = '', second = '', ...unseen] = await make(COLD + 2)
  const many = await make(DIGESTS)
  const server = await serve({folder, cluster: CLUSTER})
  ready.push(server.readyAfter)
  const {now: atReady} = await server.memory()
  const {ask, end} = askingOf(server.url, clients.issueTo({name: GATEKEEPER_HOST}), servers.cert)
  try {
    await setDelay(DELAY)
    // Before it, the policy is read and connections are made.
    await ask(first)
    await spans()
    await ask(second)
    const requests = await spans()
    const cold = {waits: await inTurn(unseen, COLD_AT_ONCE, ask), requests: requests.length, chain: longestChain(requests)}
    const same = (count: number) => Array.from({length: count}, () => first)
    const cached = {waits: await paced(same(CACHED), PER_SECOND, ask), perSecond: PER_SECOND}
    const [began, used] = [performance.now(), await server.cpu()]
    const waits = await inTurn(same(SUSTAINED), AT_ONCE, ask)
    const sustained = {waits, ms: performance.now() - began, cpu: (await server.cpu()) - used}

    // What it keeps of an image does not depend on how far the registry is.
    await setDelay(0)
    const from = performance.now()
    await inTurn(many, AT_ONCE, ask)
    const memory = {ready: atReady, ...(await server.memory()), digests: many.length, ms: performance.now() - from}
    return {ready, cold, cached, sustained, memory}
  } finally {
    end()
    await server.stop()
  }
}

async function layIn(folder: string, clientAuthority: string): Promise<void> {
  await mkdir(folder)
  await layServing({folder, cluster: CLUSTER, registry: registry.far, signer, certificate: servers.issue(['127.0.0.1']), clientAuthority})
}

async function ofTheLog(): Promise<Pick<Found, 'append' | 'shipping'>> {
  const append = {alone: await appendWaits(scratch, APPENDS, 1), together: await appendWaits(scratch, APPENDS, AT_ONCE)}
  const folder = await shippingSpeed(join(scratch, 'ship-folder'), await storeOf({store: `folder:${join(scratch, 'shipped')}`}), SHIPPED)
  const server = await startS3()
  try {
    const {address} = await server.makeBucket()
    Object.assign(process.env, server.env)
    return {append, shipping: {folder, bucket: await shippingSpeed(join(scratch, 'ship-bucket'), await storeOf({store: address}), SHIPPED)}}
  } finally {
    await server.stop()
  }
}

async function throughApiServer(image: string): Promise<Found['storms']> {
  const cluster = await installOnCluster()
  try {
    const folder = join(scratch, 'storm')
    const {gatekeeperAuthority: clients} = cluster.keys
    await layIn(folder, clients)
    const server = await serve({folder, cluster: CLUSTER})
    const minimal = await startMinimal({...servers.issue(['127.0.0.1']), clients, images: [image], log: join(scratch, 'minimal.log')})
    try {
      const theirs = {url: minimal.url, authority: servers.cert, says: 'the list lacks'}
      return await storms(cluster, [theirs, {url: server.url, authority: servers.cert, says: 'policy.unknown-image'}], image, STORM)
    } finally {
      await minimal.stop()
      await server.stop()
    }
  } finally {
    await cluster.stop()
  }
}

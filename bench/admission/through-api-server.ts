/**
 * Pods made through a real API server and a real Gatekeeper (`--max-serving-threads=64`), which asks now one provider and now
 * another: rounds of both take turns, so that a busy moment meets both, and the pods that are there already weigh on both.
 * First as many as can be made, then as many a second as a cluster is expected to make.
 */
import {readFile} from 'node:fs/promises'
import {Agent, request} from 'node:https'
import {text} from 'node:stream/consumers'
import {setTimeout as wait} from 'node:timers/promises'
import {parse} from 'yaml'
import {z} from 'zod'
import {ENGINEER, eventually, NAMESPACE, podText} from '../../test/cluster/apply-installed.ts'
import type {InstalledCluster} from '../../test/cluster/install-on-cluster.ts'
import {PROVIDER} from '../../test/gatekeeper/gate.ts'
import {inTurn, paced} from './asking.ts'

export interface Asked {
  readonly url: string
  /** PEM of its authority. */
  readonly authority: string
  /** Something that only this one says of an image that it does not admit. */
  readonly says: string
}

export interface Storm {
  readonly perSecond: number
  /** Milliseconds of each pod, from the request to the answer of the API server. */
  readonly waits: readonly number[]
  /** The same, of pods that come at `STEADY` a second. */
  readonly steady: readonly number[]
}

export const STEADY = 40
const AT_ONCE = 16
/** Milliseconds. */
const SETTLE = 2_000
/** Ours and the other, twice in each order. */
const ORDER = [1, 0, 0, 1, 1, 0] as const

const Kubeconfig = z.looseObject({
  clusters: z.array(z.looseObject({cluster: z.looseObject({'certificate-authority-data': z.string()})})).min(1),
  users: z.array(z.looseObject({user: z.looseObject({'client-certificate-data': z.string(), 'client-key-data': z.string()})})).min(1),
})

/** @param pods of a round. @returns one for each provider, in their order */
export async function storms(cluster: InstalledCluster, providers: readonly [Asked, Asked], image: string, pods: number): Promise<[Storm, Storm]> {
  const people = await peopleOf(cluster)
  const found = [0, 1].map(() => ({ms: 0, waits: [] as number[], steady: [] as number[]}))
  let named = 0
  for (const which of ORDER) {
    await turnTo(providers[which], cluster)
    // Its connections and its cache are warm, as they are in a cluster.
    await inTurn(
      Array.from({length: AT_ONCE}, () => image),
      AT_ONCE,
      async () => people.create(`warm-${(named += 1)}`, image),
    )
    const began = performance.now()
    const waits = await inTurn(
      Array.from({length: pods}, () => image),
      AT_ONCE,
      async () => people.create(`web-${(named += 1)}`, image),
    )
    found[which]?.waits.push(...waits)
    const round = found[which]
    if (round !== undefined) round.ms += performance.now() - began
    // What the storm left is shipped meanwhile.
    await wait(SETTLE)
    const same = Array.from({length: pods}, () => image)
    round?.steady.push(...(await paced(same, STEADY, async () => people.create(`web-${(named += 1)}`, image))))
  }
  people.end()
  const [first, second] = found.map(({ms, waits, steady}): Storm => ({perSecond: (waits.length * 1000) / ms, waits, steady}))
  if (first === undefined || second === undefined) throw new Error('no round')
  return [first, second]
}

/** Until Gatekeeper has seen it. */
async function turnTo({url, authority, says}: Asked, cluster: InstalledCluster): Promise<void> {
  const spec = {url, caBundle: Buffer.from(authority).toString('base64')}
  await cluster.must(['patch', 'providers.externaldata.gatekeeper.sh', PROVIDER, '--type=merge', '-p', JSON.stringify({spec})])
  const unknown = podText('probe', `registry.test/nobody@sha256:${'f'.repeat(64)}`)
  let heard = ''
  const isAsked = async () => {
    heard = (await cluster.kubectl(ENGINEER, ['create', '--dry-run=server', '-f', '-'], unknown)).stderr
    return heard.includes(says)
  }
  if (!(await eventually(isAsked))) throw new Error(`Gatekeeper does not ask ${url}: ${heard}`)
}

/** Makes pods as a person does who keeps connections open. */
async function peopleOf({endpoint, keys}: InstalledCluster) {
  const {clusters, users} = Kubeconfig.parse(parse(await readFile(keys.kubeconfig(ENGINEER), 'utf8')))
  const agent = new Agent({
    keepAlive: true,
    ca: pem(clusters[0]?.cluster['certificate-authority-data']),
    cert: pem(users[0]?.user['client-certificate-data']),
    key: pem(users[0]?.user['client-key-data']),
  })
  return {
    /** @returns milliseconds. @throws where the pod is not let in */
    async create(name: string, image: string): Promise<number> {
      const body = podText(name, image)
      const {promise, resolve, reject} = Promise.withResolvers<{status: number; said: string}>()
      const began = performance.now()
      const headers = {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)}
      const asked = request(`${endpoint}/api/v1/namespaces/${NAMESPACE}/pods`, {method: 'POST', agent, headers}, (reply) => {
        text(reply).then((said) => resolve({status: reply.statusCode ?? 0, said}), reject)
      })
      asked.once('error', reject)
      asked.end(body)
      const {status, said} = await promise
      if (status !== 201) throw new Error(`${name} was not made: ${said}`)
      return performance.now() - began
    },
    end: () => agent.destroy(),
  }
}

function pem(data = ''): string {
  return Buffer.from(data, 'base64').toString()
}

/** Asks a provider as Gatekeeper does: mTLS, HTTP/1.1, kept alive, one key a request with a uid of its own. */
import {randomUUID} from 'node:crypto'
import {Agent, request} from 'node:https'
import {buffer} from 'node:stream/consumers'
import {setTimeout as wait} from 'node:timers/promises'
import {z} from 'zod'
import type {IssuedCertificate} from '../../test/certificates.ts'

export interface Asking {
  /** @returns milliseconds. @throws where the image is not let in */
  readonly ask: (image: string) => Promise<number>
  readonly end: () => void
}

const Answer = z.looseObject({response: z.looseObject({items: z.array(z.looseObject({value: z.looseObject({allowed: z.literal(true)})})).length(1)})})

/** @param authority PEM of the provider's */
export function askingOf(url: string, {cert, key}: IssuedCertificate, authority: string): Asking {
  const agent = new Agent({keepAlive: true, cert, key, ca: authority, minVersion: 'TLSv1.3'})
  return {
    async ask(image) {
      const body = bodyOf(image)
      const began = performance.now()
      const {promise, resolve, reject} = Promise.withResolvers<Buffer>()
      const asked = request(url, {method: 'POST', agent, headers: {'content-type': 'application/json', 'content-length': Buffer.byteLength(body)}}, (reply) => {
        buffer(reply).then(resolve, reject)
      })
      asked.once('error', reject)
      asked.end(body)
      const text = (await promise).toString()
      const took = performance.now() - began
      if (!Answer.safeParse(JSON.parse(text)).success) throw new Error(`${image} was not let in: ${text}`)
      return took
    },
    end: () => agent.destroy(),
  }
}

/** So many at a time, each followed by the next. @returns milliseconds of each */
export async function inTurn(images: readonly string[], atOnce: number, ask: Asking['ask']): Promise<number[]> {
  const took: number[] = []
  const rest = images.values()
  const one = async () => {
    for (const image of rest) took.push(await ask(image))
  }
  await Promise.all(Array.from({length: atOnce}, one))
  return took
}

/** As they come in a cluster: so many a second, whether the one before was answered or not. */
export async function paced(images: readonly string[], perSecond: number, ask: Asking['ask']): Promise<number[]> {
  const began = performance.now()
  return Promise.all(
    images.map(async (image, index) => {
      const due = began + (index * 1000) / perSecond
      await wait(Math.max(0, due - performance.now()))
      return ask(image)
    }),
  )
}

function bodyOf(image: string): string {
  const uid = randomUUID()
  const key = JSON.stringify({
    arn: [],
    dryRun: false,
    groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', 'system:authenticated'],
    images: [{image, path: 'spec.containers[0]'}],
    kind: 'Pod',
    mode: 'admission',
    name: `web-5d9c7b8f6-${uid.slice(0, 5)}`,
    // Of the environment that the repository belongs to.
    ns: /[^/]+(?=@)/.exec(image)?.[0] ?? '',
    objectUid: randomUUID(),
    old: [],
    op: 'CREATE',
    owners: [{kind: 'ReplicaSet', name: 'web-5d9c7b8f6'}],
    sub: '',
    uid,
    user: 'system:serviceaccount:kube-system:replicaset-controller',
    v: 1,
  })
  return JSON.stringify({apiVersion: 'externaldata.gatekeeper.sh/v1beta1', kind: 'ProviderRequest', request: {keys: [key]}})
}

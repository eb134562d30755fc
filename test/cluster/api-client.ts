/**
 * An API server asked over HTTP, by a person of a kubeconfig: for what kubectl would be too slow.
 *
 * Promise: connections are kept, at most `AT_ONCE` of them; an answer is told with its status, whatever that is.
 */
import {readFileSync} from 'node:fs'
import {Agent, request} from 'node:https'
import {json} from 'node:stream/consumers'
import {parse} from 'yaml'
import {z} from 'zod'

export interface ApiClient {
  /** @param path `/api/v1/…` @returns status and body */
  ask(method: 'GET' | 'POST', path: string, body?: object): Promise<{readonly status: number; readonly body: unknown}>
  close(): void
}

const AT_ONCE = 32
const Kubeconfig = z.looseObject({
  clusters: z.tuple([z.looseObject({cluster: z.looseObject({server: z.string(), 'certificate-authority-data': z.string()})})]),
  users: z.tuple([z.looseObject({user: z.looseObject({'client-certificate-data': z.string(), 'client-key-data': z.string()})})]),
})

/** @param kubeconfig path of one with certificates in it */
export function apiClient(kubeconfig: string): ApiClient {
  const {clusters, users} = Kubeconfig.parse(parse(readFileSync(kubeconfig, 'utf8')))
  const {server, 'certificate-authority-data': authority} = clusters[0].cluster
  const {'client-certificate-data': cert, 'client-key-data': key} = users[0].user
  const [ca, own, secret] = [authority, cert, key].map((data) => Buffer.from(data, 'base64'))
  const agent = new Agent({keepAlive: true, maxSockets: AT_ONCE, ca, cert: own, key: secret})
  return {
    ask: async (method, path, body) =>
      new Promise((resolve, reject) => {
        const asked = request(`${server}${path}`, {method, agent, headers: {'content-type': 'application/json'}}, (answer) => {
          json(answer).then((told) => resolve({status: answer.statusCode ?? 0, body: told}), reject)
        })
        asked.on('error', reject)
        asked.end(body === undefined ? undefined : JSON.stringify(body))
      }),
    close: () => agent.destroy(),
  }
}

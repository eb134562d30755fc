/**
 * ECR's API on loopback, as far as logins go.
 *
 * Promise: answers `GetAuthorizationToken` only (AWS JSON 1.1: POST, `x-amz-target`, a body of JSON), only to requests
 * signed for the service `ecr` (Signature Version 4; the signature itself is not checked), with a login `AWS:<password>` that says when it
 * ends; each answer has another password. `fails` makes it answer an error in the form of the protocol instead.
 * All credentials are synthetic.
 */
import {createServer} from 'node:http'
import {buffer} from 'node:stream/consumers'

export interface EcrServer {
  readonly url: string
  /** The regions that requests were signed for, in their order. */
  readonly regions: readonly string[]
  /** Milliseconds that the next logins last. */
  lasts: number
  fails: {readonly status: number; readonly type: string} | undefined
  /** The password that was given last. */
  readonly password: string
  /** From now on nothing is answered, until `release` is called. */
  hold(): void
  release(): void
  stop(): Promise<void>
}

const TARGET = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken'
const SIGNED = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\/ecr\/aws4_request, /

export async function startEcrServer(): Promise<EcrServer> {
  const regions: string[] = []
  let held: PromiseWithResolvers<void> | undefined
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown): void => {
      response.writeHead(status, {'content-type': 'application/x-amz-json-1.1'}).end(JSON.stringify(body))
    }
    const work = async (): Promise<void> => {
      const body = await buffer(request)
      const {'x-amz-target': target, 'content-type': type, authorization = ''} = request.headers
      const [, region] = SIGNED.exec(authorization) ?? []
      if (request.method !== 'POST' || target !== TARGET || type !== 'application/x-amz-json-1.1' || region === undefined)
        return answer(400, {__type: 'UnknownOperationException'})
      JSON.parse(body.toString())
      await held?.promise
      regions.push(region)
      if (ecr.fails !== undefined)
        return answer(ecr.fails.status, {__type: ecr.fails.type, message: 'User: arn:aws:iam::000000000000:role/synthetic is not authorized'})
      ecr.password = `synthetic-${regions.length}`
      const authorizationToken = Buffer.from(`AWS:${ecr.password}`).toString('base64')
      answer(200, {
        authorizationData: [
          {authorizationToken, expiresAt: (Date.now() + ecr.lasts) / 1000, proxyEndpoint: 'https://000000000000.dkr.ecr.eu-west-1.amazonaws.com'},
        ],
      })
    }
    void work()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const ecr = {
    url: `http://127.0.0.1:${address.port}`,
    regions,
    lasts: 12 * 3_600_000,
    fails: undefined as EcrServer['fails'],
    password: '',
    hold: () => void (held = Promise.withResolvers<void>()),
    release: () => held?.resolve(),
    stop: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return ecr
}

/**
 * The least that can answer Gatekeeper, as a program of its own (`fork`): admits an image that is on a list. It has a line of
 * each answer in a file, which no power cut is asked about; no signature, registry, policy, record or limit.
 *
 * Message in: `{cert, key, clients, images, log}`, answered by `{port}`. It ends when who started it does.
 */
import {appendFileSync} from 'node:fs'
import type {IncomingMessage, ServerResponse} from 'node:http'
import {createServer} from 'node:https'
import process from 'node:process'
import {text} from 'node:stream/consumers'
import type {MinimalOptions} from './admission/providers.ts'

process.once('disconnect', () => process.exit())
process.once('message', ({cert, key, clients, images, log}: MinimalOptions) => {
  const known = new Set(images)
  const judge = (asked: string) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it checks nothing: that is the point
    const bad = (JSON.parse(asked) as {images: {image: string}[]}).images.filter(({image}) => !known.has(image))
    const message = bad.length === 0 ? '' : `the list lacks ${bad.map(({image}) => image).join(', ')}`
    return {key: asked, value: {allowed: bad.length === 0, admit: bad.length === 0, records: [], message}}
  }
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
    const {keys} = (JSON.parse(await text(request)) as {request: {keys: string[]}}).request
    const said = {idempotent: true, items: keys.map(judge)}
    appendFileSync(log, `${JSON.stringify(said)}\n`)
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify({apiVersion: 'externaldata.gatekeeper.sh/v1beta1', kind: 'ProviderResponse', response: said}))
  }
  const trust = {cert, key, ca: clients, requestCert: true, minVersion: 'TLSv1.3', keepAliveTimeout: 120_000} as const
  const server = createServer(trust, (request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1', () => {
    const address = server.address()
    if (address !== null && typeof address !== 'string') process.send?.({port: address.port})
  })
})

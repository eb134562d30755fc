/** Registries in trouble: what an HTTP server answers for an image that is good and signed. */
import type {IncomingMessage, ServerResponse} from 'node:http'
import {MEDIA_TYPES} from '../../src/lib/images/manifest.ts'
import type {Expected} from './row.ts'

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface RegistryRow {
  readonly situation: string
  readonly expected: Expected
  /** Instead of the honest answer; undefined = nobody listens. */
  readonly manifest?: Answer
  readonly referrers?: Answer
  readonly down?: true
  /** What `cosign verify --key` alone exits with. */
  readonly cosign: number
  /** How long Cosign is let wait; by itself, three minutes. */
  readonly cosignTimeout?: string
}

const status =
  (code: number, body = '{"errors":[{"code":"TROUBLE","message":"synthetic"}]}', type = 'application/json'): Answer =>
  (_, response) =>
    void response.writeHead(code, {'content-type': type}).end(body)

/** Never answers. */
const silence: Answer = () => undefined

const unreachable: Expected = {exit: 4, reason: 'registry.unreachable', check: 'image'}
const refused: Expected = {exit: 4, reason: 'registry.refused', check: 'image'}
const odd: Expected = {exit: 4, reason: 'registry.protocol', check: 'image'}

export const REGISTRY_ROWS: readonly RegistryRow[] = [
  {situation: 'the registry is down', cosign: 1, expected: unreachable, down: true},
  {situation: 'the registry takes the connection and says nothing', cosign: 0, expected: unreachable, manifest: silence},
  {situation: 'the registry answers 401', cosign: 0, expected: refused, manifest: status(401)},
  {situation: 'the registry answers 403', cosign: 0, expected: refused, manifest: status(403)},
  {situation: 'the registry answers 404', cosign: 0, expected: {exit: 6, reason: 'image.not-found', check: 'image'}, manifest: status(404)},
  {situation: 'the registry answers 429, again and again', cosign: 0, expected: unreachable, manifest: status(429)},
  {situation: 'the registry answers 500', cosign: 0, expected: unreachable, manifest: status(500)},
  {situation: 'the registry answers with a login page, and 200', cosign: 0, expected: odd, manifest: status(200, '<html>Please log in</html>', 'text/html')},
  {
    situation: 'the registry sends another manifest',
    cosign: 0,
    expected: {exit: 5, reason: 'image.corrupt', check: 'image'},
    manifest: status(200, JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: []}), MEDIA_TYPES.index),
  },
  {situation: 'what is attached is answered with nothing, for ever', cosign: 1, cosignTimeout: '5s', expected: unreachable, referrers: silence},
  {situation: 'what is attached is answered with 401', cosign: 10, expected: refused, referrers: status(401)},
  {situation: 'what is attached is answered with 403', cosign: 10, expected: refused, referrers: status(403)},
  {situation: 'what is attached is answered with 500', cosign: 10, expected: unreachable, referrers: status(500)},
  {situation: 'what is attached is answered with something that is no list', cosign: 10, expected: odd, referrers: status(200, '{}', MEDIA_TYPES.index)},
  {
    situation: 'what is attached is answered with 404, and there is no fallback tag either',
    cosign: 10,
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    referrers: status(404),
  },
  {
    situation: 'the list of what is attached is empty',
    cosign: 10,
    expected: {exit: 6, reason: 'signature.missing', check: 'signature'},
    referrers: status(200, JSON.stringify({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: []}), MEDIA_TYPES.index),
  },
]

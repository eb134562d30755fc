/** The body of a request, within bounds: of one, and of all that are held at the same time. */
import type {IncomingMessage} from 'node:http'
import type {ServerLimits} from './server-limits.ts'

/** `busy`: others hold all that may be held. `gone`: the peer went away in the middle. */
export type ReadBody = {readonly bytes: Uint8Array; readonly release: () => void} | 'too-large' | 'busy' | 'gone'

export function createBodyReader({bodyBytes, heldBytes}: Pick<ServerLimits, 'bodyBytes' | 'heldBytes'>): (request: IncomingMessage) => Promise<ReadBody> {
  let held = 0
  return async (request) =>
    new Promise((resolve) => {
      const parts: Buffer[] = []
      let length = 0
      const release = () => {
        held -= length
        length = 0
      }
      const stop = (why: 'too-large' | 'busy' | 'gone') => {
        request.off('data', take).pause()
        release()
        resolve(why)
      }
      const take = (part: Buffer) => {
        length += part.length
        held += part.length
        if (length > bodyBytes) stop('too-large')
        else if (held > heldBytes) stop('busy')
        else parts.push(part)
      }
      request.on('data', take)
      // What was resolved stays: each of these may come after another.
      request.once('end', () => resolve({bytes: Buffer.concat(parts), release}))
      request.once('close', () => {
        if (!request.readableEnded) stop('gone')
      })
    })
}

/** A real registry behind `bench/slow-registry.ts`: fast while images are made, late once they are asked for. */
import {fork, type ChildProcess} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {startRegistry} from '../../test/registry.ts'
import {Span} from '../round-trips.ts'

export interface FarRegistry {
  /** The registry itself, `127.0.0.1:PORT`. */
  readonly near: string
  /** The same one, as who judges sees it. */
  readonly far: string
  /** Milliseconds before each request from now on. */
  readonly setDelay: (milliseconds: number) => Promise<void>
  /** Requests since the last call. */
  readonly spans: () => Promise<readonly Span[]>
  stop(): Promise<void>
}

export async function startFarRegistry(): Promise<FarRegistry> {
  const registry = await startRegistry()
  const child = fork(fileURLToPath(new URL('../slow-registry.ts', import.meta.url)), [registry.host])
  const {port} = z.object({port: z.int()}).parse(await ask(child, {delay: 0}))
  return {
    near: registry.host,
    far: `127.0.0.1:${port}`,
    async setDelay(delay) {
      await ask(child, {delay})
    },
    spans: async () => z.array(Span).parse(await ask(child, 'spans')),
    async stop() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
      await registry.stop()
    },
  }
}

async function ask(child: ChildProcess, message: {readonly delay: number} | 'spans'): Promise<unknown> {
  const answered = once(child, 'message')
  child.send(message)
  return (await answered)[0]
}

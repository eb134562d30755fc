/** The program that ours is held against, `bench/minimal-provider.ts`, and what it is told. */
import {fork} from 'node:child_process'
import {once} from 'node:events'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'

export interface MinimalOptions {
  /** PEM, of its own. */
  readonly cert: string
  readonly key: string
  /** PEM of the authority of those who may ask. */
  readonly clients: string
  /** What it admits. */
  readonly images: readonly string[]
  /** Path. */
  readonly log: string
}

export interface Minimal {
  /** `https://127.0.0.1:PORT/validate` */
  readonly url: string
  stop(): Promise<void>
}

const Told = z.tuple([z.object({port: z.int()})]).rest(z.unknown())

export async function startMinimal(options: MinimalOptions): Promise<Minimal> {
  const child = fork(fileURLToPath(new URL('../minimal-provider.ts', import.meta.url)))
  const answered = once(child, 'message')
  child.send(options)
  const [{port}] = Told.parse(await answered)
  return {
    url: `https://127.0.0.1:${port}/validate`,
    async stop() {
      const ended = once(child, 'exit')
      child.disconnect()
      await ended
    },
  }
}

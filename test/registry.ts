/**
 * A real registry for tests and the demo: the program of `toolchain/registry`,
 * on a free loopback port, in memory. It ends when its standard input closes,
 * so it does not outlive us, however we end.
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createInterface} from 'node:readline'
import {builtTool} from '../scripts/built-tool.ts'

export interface TestRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  stop(): Promise<void>
}

/** @param referrers serve the referrers API; without it clients use the fallback tag */
export async function startRegistry({referrers = true}: {readonly referrers?: boolean} = {}): Promise<TestRegistry> {
  const child = spawn(builtTool('registry'), ['-addr', '127.0.0.1:0', `-referrers=${referrers}`], {stdio: ['pipe', 'pipe', 'inherit']})
  const ended = once(child, 'exit')
  const host = await Promise.race([listening(child.stdout), ended.then(([code]) => Promise.reject(new Error(`the test registry ended with ${String(code)}`)))])
  return {
    host,
    stop: async () => {
      child.stdin.end()
      await ended
    },
  }
}

async function listening(output: NodeJS.ReadableStream): Promise<string> {
  for await (const line of createInterface({input: output})) {
    const [, host] = /^listening (127\.0\.0\.1:\d+)$/.exec(line) ?? []
    if (host !== undefined) return host
  }
  throw new Error('the test registry did not say where it listens')
}

/** A real registry for tests and the demo: the program of `toolchain/registry`, on a free loopback port, in memory. */
import {builtTool} from '../scripts/built-tool.ts'
import {startListening} from './listening-program.ts'

export interface TestRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  stop(): Promise<void>
}

/** @param referrers serve the referrers API; without it clients use the fallback tag */
export async function startRegistry({referrers = true}: {readonly referrers?: boolean} = {}): Promise<TestRegistry> {
  return startListening(builtTool('registry'), ['-addr', '127.0.0.1:0', `-referrers=${referrers}`])
}

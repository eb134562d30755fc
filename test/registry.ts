/**
 * A real registry for tests and the demo: the program of `toolchain/registry`,
 * on a free loopback port, in memory. It ends when its standard input closes,
 * so it does not outlive us, however we end.
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync, existsSync} from 'node:fs'
import {homedir} from 'node:os'
import {join} from 'node:path'
import process from 'node:process'
import {createInterface} from 'node:readline'

export interface TestRegistry {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  stop(): Promise<void>
}

/** @param referrers serve the referrers API; without it clients use the fallback tag */
export async function startRegistry({referrers = true}: {readonly referrers?: boolean} = {}): Promise<TestRegistry> {
  const child = spawn(registryProgram(), ['-addr', '127.0.0.1:0', `-referrers=${referrers}`], {stdio: ['pipe', 'pipe', 'inherit']})
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

/** HIPAA_CI_TEST_REGISTRY, else what set-up built. @throws where there is none: a missing part is a failure, never a skip */
function registryProgram(): string {
  const own = process.env['HIPAA_CI_TEST_REGISTRY']
  if (own) return own
  const tools = join(cacheFolder(), 'tools', 'registry')
  const built = (existsSync(tools) ? readdirSync(tools) : [])
    .map((version) => join(tools, version))
    .filter((folder) => existsSync(join(folder, 'tool.json')))
    .toSorted()
    .at(-1)
  if (built === undefined) throw new Error(`there is no test registry in ${tools}: run \`npm run setup\``)
  return join(built, 'bin', process.platform === 'win32' ? 'registry.exe' : 'registry')
}

function cacheFolder(): string {
  const {HIPAA_CI_CACHE: own, XDG_CACHE_HOME: xdg} = process.env
  return own || join(xdg || join(homedir(), '.cache'), 'hipaa-ci')
}

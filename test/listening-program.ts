/**
 * Starts a built server program for tests: it listens on a free loopback port, says `listening HOST:PORT`, and ends
 * when its standard input closes, so it does not outlive us, however we end.
 */
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {basename} from 'node:path'
import {createInterface} from 'node:readline'

export interface ListeningProgram {
  /** `127.0.0.1:PORT`. */
  readonly host: string
  /** Writes a line to its standard input, and gives the next line that it says. */
  ask(line: string): Promise<string>
  stop(): Promise<void>
}

export async function startListening(program: string, argv: readonly string[]): Promise<ListeningProgram> {
  const child = spawn(program, argv, {stdio: ['pipe', 'pipe', 'inherit']})
  const name = basename(program)
  const ended = once(child, 'exit')
  const tooEarly = ended.then(([code]) => Promise.reject(new Error(`the test server ${name} ended with ${String(code)}`)))
  tooEarly.catch(() => {})
  const lines = createInterface({input: child.stdout})[Symbol.asyncIterator]()
  const nextLine = async () => String((await Promise.race([lines.next(), tooEarly])).value)
  const first = await nextLine()
  const [, host] = /^listening (127\.0\.0\.1:\d+)$/.exec(first) ?? []
  if (host === undefined) throw new Error(`the test server ${name} said ${JSON.stringify(first)}, not where it listens`)
  return {
    host,
    async ask(line) {
      child.stdin.write(`${line}\n`)
      return nextLine()
    },
    async stop() {
      child.stdin.end()
      await ended
    },
  }
}

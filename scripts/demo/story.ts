/** How the demo talks: a heading for each step, the command as a person would type it, and what it printed. */
import {spawn} from 'node:child_process'
import {join, resolve} from 'node:path'
import process from 'node:process'
import chalk from 'chalk'

const BIN = join(resolve(import.meta.dirname, '../..'), 'bin', 'run.js')

/** A command line longer than this is broken before a flag. */
const WIDTH = 78

export interface Story {
  /** A numbered heading with one sentence of what is about to happen. */
  chapter(title: string, about: string): void
  say(text: string): void
  /**
   * Shows and runs `hipaa-ci ARGS…`, its output as it comes.
   * @throws where it does not end as the story says
   */
  type(args: readonly string[], expected: number, options?: {readonly stdin?: string; readonly quiet?: boolean}): Promise<void>
}

export function tellStory(folder: string, env: Readonly<Record<string, string>>): Story {
  let chapters = 0
  return {
    chapter(title, about) {
      chapters += 1
      process.stdout.write(`\n${chalk.bold.cyan(`${chapters}. ${title}`)}\n${chalk.dim(about)}\n`)
    },
    say: (text) => void process.stdout.write(`${text}\n`),
    async type(args, expected, {stdin, quiet = false} = {}) {
      process.stdout.write(`\n${chalk.bold('$')} ${chalk.bold(commandText(args))}\n`)
      const exitCode = await run(args, folder, env, stdin, quiet)
      const expectedText = exitCode === expected ? chalk.dim(`exit ${expected}`) : chalk.red(`exit ${String(exitCode)}, but the story says ${expected}`)
      process.stdout.write(`${expectedText}\n`)
      if (exitCode !== expected) throw new Error(`hipaa-ci ${args.join(' ')} ended with ${String(exitCode)}, not ${expected}`)
    },
  }
}

/** As a person would type it, on several lines where one is too short. */
function commandText(args: readonly string[]): string {
  const lines = ['hipaa-ci']
  for (const word of args.map(shown)) {
    const last = lines.length - 1
    const longer = `${lines[last] ?? ''} ${word}`
    if (longer.length > WIDTH && word.startsWith('--')) lines.push(`    ${word}`)
    else lines[last] = longer
  }
  return lines.join(' \\\n')
}

/** Long digests are cut for the reader; what runs is whole. */
function shown(arg: string): string {
  const short = arg.replace(/@sha256:([0-9a-f]{8})[0-9a-f]{56}/, '@sha256:$1…')
  return /[\s"'*]/.test(short) ? `'${short}'` : short
}

async function run(
  args: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
  stdin: string | undefined,
  quiet: boolean,
): Promise<number | null> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: {...process.env, ...env},
    stdio: [stdin === undefined ? 'ignore' : 'pipe', 'inherit', quiet ? 'ignore' : 'inherit'],
  })
  child.stdin?.end(stdin)
  return new Promise((done, fail) => child.once('error', fail).once('close', done))
}

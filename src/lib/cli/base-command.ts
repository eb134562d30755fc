/**
 * What every command shares: global flags, the context, one shape for errors.
 *
 * Results go to stdout, talk to stderr. A failed verdict is a value: the
 * command prints it and sets the exit code by `conclude`.
 */
import process from 'node:process'
import {Command, Flags, ux, type Interfaces} from '@oclif/core'
import {AppError, EXIT, type ExitCode} from '../errors.ts'
import {refusePath} from '../evidence/store-address.ts'
import type {Context} from '../ports/context.ts'
import {createContext, type ContextFlags, type ContextOptions} from './context.ts'
import {errorText} from './render/error.ts'
import {printableJson} from './render/printable.ts'
import {refuseEmpty, usageError} from './usage-error.ts'

export abstract class BaseCommand extends Command {
  static override enableJsonFlag = true
  #waitsIn: string | undefined
  static override baseFlags = {
    config: Flags.string({description: 'configuration file (default: hipaa-ci.yaml, looked for upwards)', helpGroup: 'GLOBAL', helpValue: 'FILE'}),
    store: Flags.string({description: 'evidence store', helpGroup: 'GLOBAL', helpValue: 'folder:PATH|s3://BUCKET/PREFIX'}),
    spool: Flags.string({
      description: 'folder in which evidence waits while the store is out of reach (default: `spool` of the configuration, else none)',
      helpGroup: 'GLOBAL',
      helpValue: 'DIR',
    }),
    'no-record': Flags.boolean({description: 'write no evidence record, and say so (for readers; refused inside a run)', helpGroup: 'GLOBAL', default: false}),
  }

  /** @param options a command that signs asks for a verified identity, where the platform offers one; one that judges nothing says so */
  protected async context(flags: ContextFlags, options: Omit<ContextOptions, 'version'> = {}): Promise<Context> {
    return createContext(flags, {version: this.config.version, onWaiting: (spool) => (this.#waitsIn = spool), ...options})
  }

  /** Parses, and turns what is mistyped or empty into one of our errors. */
  protected override async parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(options?: Interfaces.Input<F, B, A>, argv?: string[]): Promise<Interfaces.ParserOutput<F, B, A>> {
    try {
      const parsed = await super.parse<F, B, A>(options, argv)
      refuseEmpty(parsed.flags, parsed.args)
      if (typeof parsed.flags['store'] === 'string') refusePath(parsed.flags['store'])
      return parsed
    } catch (error) {
      throw usageError(error, Object.keys({...this.ctor.baseFlags, ...this.ctor.flags})) ?? error
    }
  }

  /** The result for people; nothing under --json. */
  protected print(text: string): void {
    if (!this.jsonEnabled()) process.stdout.write(text.endsWith('\n') ? text : `${text}\n`)
  }

  /** Bytes as they are, for a pipe or a file. */
  protected printBytes(bytes: Uint8Array): void {
    process.stdout.write(bytes)
  }

  /** Sets the exit code that goes with `result`, and hands it to oclif for --json: with `waitsIn` where evidence waits in a spool. */
  protected conclude<T extends object>(result: T, exitCode: ExitCode): T {
    process.exitCode = exitCode
    return this.#waitsIn === undefined ? result : {...result, waitsIn: this.#waitsIn}
  }

  protected override async catch(error: Error & {exitCode?: number; oclif?: {exit?: number}}): Promise<void> {
    // oclif ends --help and --version by an error with exit 0: that one is its own.
    if (!(error instanceof AppError) && error.oclif?.exit === 0) throw error
    const known = error instanceof AppError ? error : new AppError('bug', `unexpected error: ${error.message}`, {cause: error})
    if (this.jsonEnabled()) this.logJson(this.toErrorJson(known))
    process.stderr.write(errorText(known, process.env['DEBUG'] !== undefined))
    process.exitCode = known.exitCode === EXIT.ok ? EXIT.bug : known.exitCode
  }

  /** Somebody else's text is in it, and a person may look at it. */
  protected override logJson(json: unknown): void {
    ux.stdout(printableJson(JSON.stringify(json, undefined, 2)))
  }

  protected override toErrorJson(error: unknown): unknown {
    const known = error instanceof AppError ? error : new AppError('bug', String(error))
    return {error: {code: known.code, message: known.message, exitCode: known.exitCode, suggestions: known.suggestions}}
  }
}

import {Args, Flags} from '@oclif/core'
import {emitEvidence, type EmitResult} from '../lib/actions/evidence/emit-evidence.ts'
import {flushSpool, type FlushResult} from '../lib/actions/evidence/flush-spool.ts'
import {EMITTED_STREAMS} from '../lib/actions/evidence/read-emission.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import type {ContextFlags} from '../lib/cli/context.ts'
import {renderEmit} from '../lib/cli/render/emit.ts'
import {renderFlush} from '../lib/cli/render/flush.ts'
import {missingArgument, refuseBeside} from '../lib/cli/usage-error.ts'

export default class Emit extends BaseCommand {
  static override summary = 'Write what a step or another tool has to say as evidence.'
  static override description = `Takes the detail of the record only, as one JSON value or one a line; everything else is filled in. All lines are checked first:
nothing is written unless all are valid, and every faulty line is named. Secrets, PHI and home folders are taken out before anything is stored.
Streams: deployment (cluster, namespace, workload, previous, rollback_of), test (name, passed, failed, skipped, or --from junit),
scan (only --from sarif), custom (any value that fits --schema), enforcement (cluster, ended: the cluster was taken out of service, and why, as a code). The others are written by the commands that do the thing.
With --flush nothing is emitted: what waits in the spool is delivered to the store as it is, and a delivery record says that it came late.`
  static override examples = [
    `echo '{"namespace":"patient-api","workload":"deployment/web"}' | <%= config.bin %> <%= command.id %> deployment --file - --environment production --subject registry.example/app@sha256:…`,
    '<%= config.bin %> <%= command.id %> test --from junit reports/junit.xml',
    '<%= config.bin %> <%= command.id %> scan --from sarif results.sarif',
    '<%= config.bin %> <%= command.id %> custom drill.ndjson --schema drill.schema.json',
    `echo '{"cluster":"prod-east","ended":"replaced-by-prod-west"}' | <%= config.bin %> <%= command.id %> enforcement --file -`,
    '<%= config.bin %> <%= command.id %> --flush --spool .hipaa-ci/spool',
  ]
  static override args = {
    stream: Args.string({description: EMITTED_STREAMS.join(', '), ignoreStdin: true}),
    // Standard input is what to read, never the argument itself.
    file: Args.string({description: 'what to read; - is standard input', ignoreStdin: true}),
  }
  static override flags = {
    flush: Flags.boolean({description: 'deliver what waits in the spool, and emit nothing'}),
    file: Flags.string({description: 'what to read, in place of the argument; - is standard input', helpValue: 'FILE'}),
    from: Flags.option({options: ['junit', 'sarif'] as const, description: 'the input is a report of this form (default: JSON details)'})(),
    subject: Flags.string({description: 'image that it is about (default: the run)', helpValue: 'REPO@DIGEST'}),
    environment: Flags.string({description: 'environment that it is about (default: build)', helpValue: 'NAME'}),
    outcome: Flags.option({options: ['pass', 'fail', 'warn', 'error'] as const, description: 'how it went (default: what the detail shows, else pass)'})(),
    blob: Flags.string({description: 'file to store beside each record; may be repeated (default: none)', helpValue: 'NAME=FILE', multiple: true}),
    schema: Flags.string({description: 'JSON Schema that custom values must fit', helpValue: 'FILE'}),
    name: Flags.string({description: "name of custom records (default: the schema's file name)", helpValue: 'NAME'}),
  }

  async run(): Promise<EmitResult | FlushResult> {
    const {args, flags} = await this.parse(Emit)
    if (flags.flush) return this.flush(flags, [...Object.keys(args), ...Object.keys(flags)])
    if (args.stream === undefined) throw missingArgument('STREAM')
    const context = await this.context(flags, {judges: false})
    const {from, subject, environment, outcome, schema, name} = flags
    const request = {stream: args.stream, file: args.file ?? flags.file, from, subject, environment, outcome, schema, name, blobs: flags.blob ?? []}
    const result = await emitEvidence(request, context)
    this.print(renderEmit(result))
    return this.conclude(result, result.exitCode)
  }

  /** @param given names of all arguments and flags */
  private async flush(flags: ContextFlags, given: readonly string[]): Promise<FlushResult> {
    refuseBeside(
      '--flush',
      given.filter((name) => !['flush', 'json', ...Object.keys(BaseCommand.baseFlags)].includes(name)),
    )
    const result = await flushSpool({anyStore: flags.store !== undefined}, await this.context(flags, {judges: false, system: 'required', delivers: true}))
    this.print(renderFlush(result))
    return this.conclude(result, result.exitCode)
  }
}

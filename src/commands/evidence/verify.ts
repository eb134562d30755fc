import {Flags} from '@oclif/core'
import {verifyEvidence} from '../../lib/actions/evidence/verify-evidence.ts'
import type {VerifyEvidenceResult} from '../../lib/actions/evidence/verify-result.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderVerifyEvidence} from '../../lib/cli/render/verify-evidence.ts'

export default class EvidenceVerify extends BaseCommand {
  static override summary = 'Check that the evidence is whole: the log over it, every digest, every chain, every run.'
  static override description = `Compares what the store holds with what was sealed, and with what each run declared and counted. It only reads: in a bucket
the right to list versions and to get them is enough.

Altered, deleted, hidden, added, back-dated or forked evidence ends with exit 5, whatever else was found; gaps, missing ends
and a stale log with 6; weak locks alone with 1. docs/evidence-verify.md says what is found, and how.

In a bucket the list of versions is compared with what was sealed, and --full reads everything again; in a folder all bytes
are read always. --since-checkpoint takes a checkpoint that was kept elsewhere (hipaa-ci evidence checkpoint): the log has to
continue it, and in a bucket only what was sealed since is read.
Whose checkpoints count: --key, else \`sealing.keys\` of the configuration.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --store folder:copy --key log.pub --json',
    '<%= config.bin %> <%= command.id %> --since-checkpoint kept/2026-03.checkpoint',
    '<%= config.bin %> <%= command.id %> --full --anchor s3://auditor-evidence/acme?region=eu-central-1',
    '<%= config.bin %> <%= command.id %> --writers cloudtrail/',
  ]
  static override flags = {
    blobs: Flags.boolean({description: 'read every blob; with --no-blobs only their presence is checked', default: true, allowNo: true}),
    full: Flags.boolean({description: 'read and hash everything again, and hold it to what the log says of it', default: false}),
    key: Flags.string({
      description: 'who may have signed the log: a verifier key, or a file of them or with a public key',
      helpValue: 'KEY|FILE',
      multiple: true,
    }),
    origin: Flags.string({description: 'name of the log, for a --key that is a public key in PEM', helpValue: 'NAME'}),
    'since-checkpoint': Flags.string({description: 'a checkpoint that was kept: the log has to continue it', helpValue: 'FILE'}),
    anchor: Flags.string({description: 'where checkpoints were kept: a file, a letter, or a store', helpValue: 'FILE|STORE', multiple: true}),
    writers: Flags.string({
      description: 'data events of CloudTrail: whether each record was written by one whom `writers` allows its stream',
      helpValue: 'FILE|FOLDER',
    }),
  }

  async run(): Promise<VerifyEvidenceResult> {
    const {flags} = await this.parse(EvidenceVerify)
    const {blobs, full, key, origin, 'since-checkpoint': sinceCheckpoint, anchor, writers} = flags
    const request = {
      blobs,
      full,
      keys: key ?? [],
      anchors: anchor ?? [],
      ...(origin !== undefined && {origin}),
      ...(sinceCheckpoint !== undefined && {sinceCheckpoint}),
      ...(writers !== undefined && {writers}),
    }
    const result = await verifyEvidence(request, await this.context(flags, {judges: false}))
    this.print(renderVerifyEvidence(result))
    return this.conclude(result, result.exitCode)
  }
}

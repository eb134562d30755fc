import {Flags} from '@oclif/core'
import {verifyEvidence, type VerifyEvidenceResult} from '../../lib/actions/evidence/verify-evidence.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderVerifyEvidence} from '../../lib/cli/render/verify-evidence.ts'

export default class EvidenceVerify extends BaseCommand {
  static override summary = 'Check that the evidence is whole: every digest, every chain, every run.'
  static override description = `Reads everything in the store: digests, names, schema, blobs, the chain of each job, and what each run declared and counted.
Altered, added, forked or unknown objects end with exit 5, whatever else was found; only gaps and missing ends with 6.
Not found here: records taken off the end of a run that never ended by a record.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --store folder:copy --json']
  static override flags = {
    blobs: Flags.boolean({description: 'read every blob; with --no-blobs only their presence is checked', default: true, allowNo: true}),
  }

  async run(): Promise<VerifyEvidenceResult> {
    const {flags} = await this.parse(EvidenceVerify)
    const result = await verifyEvidence({blobs: flags.blobs}, await this.context(flags, {judges: false}))
    this.print(renderVerifyEvidence(result))
    return this.conclude(result, result.exitCode)
  }
}

import {Flags} from '@oclif/core'
import {auditStore, type AuditStoreResult} from '../../lib/actions/retention/audit-store.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderAudit} from '../../lib/cli/render/audit-store.ts'

export default class EvidenceAudit extends BaseCommand {
  static override summary = 'See what protects the evidence: settings, locks, holds, and who could shorten them.'
  static override description = `Reads the bucket's settings, and of every version its lock, its end, and whether something hides or doubles it. Says whom the
bucket's policy leaves free to remove evidence; what IAM allows, a bucket's policy cannot say. Hidden or doubled: exit 5; locks that
are missing, can be lifted, or end before seven years or before a record that names the blob: 1; settings that this role may not see:
4; no record at all: 6. The answer is a record itself. It takes the rights of the auditor: hipaa-ci store policy --role auditor.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> --one-in 100 --no-record',
    '<%= config.bin %> <%= command.id %> --json',
  ]
  static override flags = {
    'one-in': Flags.integer({description: 'read the lock of one version in so many, chosen anew each time (default: of all)', min: 2, helpValue: 'N'}),
  }

  async run(): Promise<AuditStoreResult> {
    const {flags} = await this.parse(EvidenceAudit)
    const oneIn = flags['one-in']
    const result = await auditStore(oneIn === undefined ? {} : {oneIn}, await this.context(flags, {judges: false}))
    this.print(renderAudit(result))
    return this.conclude(result, result.exitCode)
  }
}

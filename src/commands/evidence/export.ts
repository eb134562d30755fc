import {Flags} from '@oclif/core'
import {exportLog, type ExportResult} from '../../lib/actions/ledger/export-log.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {refuseInStore} from '../../lib/cli/outside-store.ts'
import {renderExport} from '../../lib/cli/render/export-log.ts'

export default class EvidenceExport extends BaseCommand {
  static override summary = 'Write the log in the form that verifiers of transparency logs read.'
  static override description = `The layout is C2SP tlog-tiles: checkpoint, tile/…, tile/entries/…; docs/log.md says what is in an entry. The records
themselves stay where they are. Exporting again adds what is new; a file that is there is read, and must be what the log makes it (else exit 5).
The checkpoint is written last: a reader always finds the tiles that it is about.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --out log',
    '<%= config.bin %> <%= command.id %> --out log --store folder:copy --key log.pub',
  ]
  static override flags = {
    out: Flags.string({description: 'folder to write into; it is made where it is not there', helpValue: 'FOLDER', required: true}),
    key: Flags.string({
      description: 'verifier key, or a file with some, or a public key in PEM: whose checkpoints count (default: `sealing`)',
      helpValue: 'KEY',
      multiple: true,
      multipleNonGreedy: true,
    }),
  }

  async run(): Promise<ExportResult> {
    const {flags} = await this.parse(EvidenceExport)
    const context = await this.context(flags, {judges: false})
    refuseInStore('--out', flags.out, context.config.store)
    const result = await exportLog({out: flags.out, keys: flags.key ?? []}, context)
    this.print(renderExport(result))
    return this.conclude(result, result.exitCode)
  }
}

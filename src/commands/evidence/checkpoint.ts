import {Flags} from '@oclif/core'
import {showCheckpoint, type ShownCheckpoint} from '../../lib/actions/ledger/show-checkpoint.ts'
import {showVerifierKeys, type ShownVerifierKeys} from '../../lib/actions/ledger/show-verifier-keys.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {refuseInStore} from '../../lib/cli/outside-store.ts'
import {writeKept} from '../../lib/cli/write-kept.ts'

export default class EvidenceCheckpoint extends BaseCommand {
  static override summary = 'Print the newest checkpoint of the log, for somebody to keep.'
  static override description = `Whoever keeps a checkpoint where nobody who can write the store can change it finds out whatever is changed, removed
or replaced in the log later: hipaa-ci evidence verify --anchor. Printed is the signed note itself (C2SP tlog-checkpoint), held against
the keys that count and against its seal; talk goes to standard error. Files that are there are never replaced. Exit 6 where nothing is
sealed yet, 5 where the checkpoint is not what it should be, or a copy says something else (log.forked).`
  static override examples = [
    '<%= config.bin %> <%= command.id %> > checkpoint',
    '<%= config.bin %> <%= command.id %> --letter checkpoint-2026-03.md',
    '<%= config.bin %> <%= command.id %> --to s3://auditor-checkpoints/patient-api?region=us-east-1',
    '<%= config.bin %> <%= command.id %> --timestamp kept/checkpoint',
    '<%= config.bin %> <%= command.id %> --show-key',
  ]
  static override flags = {
    key: Flags.string({
      description: 'whose checkpoints count: a verifier key, or a file with such or a PEM public key (default: `sealing.keys`, else `sealing.key`)',
      helpValue: 'KEY|FILE',
      multiple: true,
    }),
    origin: Flags.string({description: 'what the log of a PEM key is called (default: `sealing.origin`)', helpValue: 'NAME'}),
    'show-key': Flags.boolean({description: 'print the verifier keys instead', default: false, exclusive: ['letter', 'to', 'timestamp']}),
    letter: Flags.string({description: 'also write the page that an auditor keeps, with the commands that compare it', helpValue: 'FILE'}),
    to: Flags.string({description: 'also copy it into another store', helpValue: 'folder:PATH|s3://…'}),
    timestamp: Flags.string({description: 'also write it to FILE, and to FILE.tsr the word of the authority of `sealing.timestamp`', helpValue: 'FILE'}),
  }

  async run(): Promise<ShownCheckpoint | ShownVerifierKeys> {
    const {flags} = await this.parse(EvidenceCheckpoint)
    const {key: keys = [], origin, letter, to, timestamp} = flags
    const context = await this.context(flags, {judges: false})
    const trusted = {keys, ...(origin !== undefined && {origin})}
    if (flags['show-key']) {
      const shown = await showVerifierKeys(trusted, context)
      this.print(shown.keys.join('\n'))
      return this.conclude(shown, shown.exitCode)
    }
    const asked = {...trusted, letter: letter !== undefined, timestamp: timestamp !== undefined, ...(to !== undefined && {to})}
    if (letter !== undefined) refuseInStore('--letter', letter, context.config.store)
    if (timestamp !== undefined) refuseInStore('--timestamp', timestamp, context.config.store)
    const {result, ...kept} = await showCheckpoint(asked, context)
    if (letter !== undefined) {
      await writeKept('--letter', letter, kept.letter ?? '')
      context.progress.note(`The letter is in ${letter}; keep it where nobody who can write the store can change it`)
    }
    if (timestamp !== undefined) {
      await writeKept('--timestamp', timestamp, result.note)
      await writeKept('--timestamp', `${timestamp}.tsr`, kept.response ?? new Uint8Array())
    }
    if (result.copied !== undefined)
      context.progress.note(`${result.copied.key} is ${result.copied.state === 'written' ? 'now' : 'there already'} in ${result.copied.address}`)
    this.print(result.note)
    return this.conclude(result, result.exitCode)
  }
}

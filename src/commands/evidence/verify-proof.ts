import {Args, Flags} from '@oclif/core'
import {verifyProof, type VerifyProofResult} from '../../lib/actions/ledger/verify-proof.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {createOfflineContext} from '../../lib/cli/offline-context.ts'
import {renderVerifyProof} from '../../lib/cli/render/verify-proof.ts'

export default class EvidenceVerifyProof extends BaseCommand {
  static override summary = 'Check proofs of records, offline, with nothing but the public key of the log.'
  static override description = `Reads the proofs and the key, and nothing else: no configuration, no store, no network. Get the key from somebody
whom you trust, not from whoever gave you the proof.
Exit 1: a proof does not hold, or another key signed it. 5: a file is no proof. Says what each record says, and what is not proven by it.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> record.tlog-proof --key acme.example/log+1a2b3c4d+AbC…',
    '<%= config.bin %> <%= command.id %> proofs/*.tlog-proof --key log.pub --json',
    '<%= config.bin %> <%= command.id %> record.tlog-proof --key checkpoint.pub --origin acme.example/log',
  ]
  static override args = {file: Args.string({description: 'proofs, one or more; - is standard input', required: true, multiple: true, ignoreStdin: true})}
  static override flags = {
    key: Flags.string({
      description: 'verifier key, or a file with some, or a public key in PEM (repeatable)',
      helpValue: 'KEY',
      multiple: true,
      multipleNonGreedy: true,
      required: true,
    }),
    origin: Flags.string({description: 'name of the log that a key in PEM signs for (no default)', helpValue: 'NAME'}),
  }

  async run(): Promise<VerifyProofResult> {
    const {args, flags} = await this.parse(EvidenceVerifyProof)
    const {key: keys, origin} = flags
    const result = await verifyProof({files: args.file, keys, ...(origin !== undefined && {origin})}, await createOfflineContext())
    this.print(renderVerifyProof(result))
    return this.conclude(result, result.exitCode)
  }
}

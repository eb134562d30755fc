import {Args, Flags} from '@oclif/core'
import {proveRecord, type ProveResult} from '../../lib/actions/ledger/prove-record.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {refuseInStore} from '../../lib/cli/outside-store.ts'
import {writeNewOutput} from '../../lib/cli/write-new-output.ts'

export default class EvidenceProve extends BaseCommand {
  static override summary = 'Make a proof that a record is in the log, for somebody who has only the public key.'
  static override description = `The proof is a small text (C2SP tlog-proof) with the record itself, its path in the log, and the newest signed checkpoint.
Whoever gets it needs no access to the store: \`evidence verify-proof\`, or the page docs/verify-proof.html in a browser, tells whether it holds.
All that is handed out was checked before. A record that is not sealed yet is exit 6.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> 01J… > record.tlog-proof',
    '<%= config.bin %> <%= command.id %> 01J… --out proofs/',
    '<%= config.bin %> <%= command.id %> sha256:… --key log.pub --json',
  ]
  static override args = {
    id: Args.string({description: 'id of the record, urn:hipaa-ci:record:<id>, or the digest of its stored bytes', required: true, ignoreStdin: true}),
  }
  static override flags = {
    key: Flags.string({
      description: 'verifier key, or a file with some, or a public key in PEM: whose checkpoints count (default: `sealing`)',
      helpValue: 'KEY',
      multiple: true,
      multipleNonGreedy: true,
    }),
    out: Flags.string({description: 'file, or with a slash at its end a folder, for <id>.tlog-proof (default: standard output)', helpValue: 'FILE|FOLDER/'}),
  }

  async run(): Promise<ProveResult & {file?: string}> {
    const {args, flags} = await this.parse(EvidenceProve)
    const context = await this.context(flags, {judges: false})
    if (flags.out !== undefined) refuseInStore('--out', flags.out, context.config.store)
    const result = await proveRecord({id: args.id, keys: flags.key ?? []}, context)
    if (flags.out === undefined) {
      this.print(result.proof)
      return this.conclude(result, result.exitCode)
    }
    const file = flags.out.endsWith('/') ? `${flags.out}${result.id}.tlog-proof` : flags.out
    await writeNewOutput(file, result.proof)
    this.print(`${file}: record ${result.id}, number ${result.index + 1} of ${result.log.size} in ${result.log.origin}`)
    return this.conclude({...result, file}, result.exitCode)
  }
}

import {Flags} from '@oclif/core'
import {sealEvidence, type SealEvidenceResult} from '../../lib/actions/ledger/seal-evidence.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderSealEvidence} from '../../lib/cli/render/seal-evidence.ts'

export default class EvidenceSeal extends BaseCommand {
  static override summary = 'Append what is not sealed yet to the log over the evidence, and sign where it ends.'
  static override description = `Hashes every record version that no seal has, appends one entry for each to a Merkle tree (RFC 6962), commits by one conditional write and signs the new root as a C2SP checkpoint.
Run it as often as you like, also on several machines at once: whoever comes second begins again, and nothing is sealed twice.
Searched are the last days each time, the last 35 days once a day, everything once a week; records that came late or are dated wrongly are found by that.
The new checkpoint is then shown to the authority of sealing.timestamp and copied to sealing.copies; one that fails is named, exit 4, and takes nothing back.
Exit 5 where a sealed record is gone, or something that was found is not what it should be, and where the log itself is not what a sealer leaves: then nothing is signed.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --all --json']
  static override flags = {
    all: Flags.boolean({description: 'search everything, and compare it one by one with what is sealed (default: what is due)', default: false}),
  }

  async run(): Promise<SealEvidenceResult> {
    const {flags} = await this.parse(EvidenceSeal)
    const result = await sealEvidence({all: flags.all}, await this.context(flags, {judges: false}))
    this.print(renderSealEvidence(result))
    return this.conclude(result, result.exitCode)
  }
}

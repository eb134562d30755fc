import {Args, Flags} from '@oclif/core'
import {showBlob, showEvidence, type ShowEvidenceResult} from '../../lib/actions/evidence/show-evidence.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {renderEvidence} from '../../lib/cli/render/show-evidence.ts'

export default class EvidenceShow extends BaseCommand {
  static override summary = 'Show one evidence record, or one of its blobs.'
  static override description =
    "Prints the whole record and says whether its bytes, and those of its blobs, match their digests (else exit 5). --blob writes a blob's bytes to standard output."
  static override examples = ['<%= config.bin %> <%= command.id %> 01J…', '<%= config.bin %> <%= command.id %> 01J… --blob sbom.spdx.json > sbom.spdx.json']
  static override args = {id: Args.string({description: 'id of the record, or urn:hipaa-ci:record:<id>', required: true, ignoreStdin: true})}
  static override flags = {
    blob: Flags.string({description: 'write this blob to standard output instead (default: the record)', helpValue: 'NAME', exclusive: ['json']}),
  }

  async run(): Promise<ShowEvidenceResult | undefined> {
    const {args, flags} = await this.parse(EvidenceShow)
    const context = await this.context(flags, {judges: false})
    if (flags.blob !== undefined) {
      this.printBytes(await showBlob({id: args.id, blob: flags.blob}, context))
      return undefined
    }
    const result = await showEvidence({id: args.id}, context)
    this.print(renderEvidence(result))
    return this.conclude(result, result.exitCode)
  }
}

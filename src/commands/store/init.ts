import {Args, Flags} from '@oclif/core'
import {initStore, type InitStoreResult} from '../../lib/actions/store/init-store.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {storeArgument} from '../../lib/cli/flags.ts'
import {renderInitStore} from '../../lib/cli/render/init-store.ts'

export default class StoreInit extends BaseCommand {
  static override summary = 'See whether a bucket or folder is fit to keep evidence.'
  static override description = `A bucket must have versioning, Object Lock and a default retention of COMPLIANCE, seven years or more: else exit 1, with
everything that is wrong and the Terraform that makes it right. What this role may not see was not checked, and ends with exit 4.
A folder is made; it shows tampering once a checkpoint is kept elsewhere, and prevents none. No object is written.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> "s3://acme-evidence/prod?region=eu-central-1"',
    '<%= config.bin %> <%= command.id %> "s3://acme-evidence/prod?region=eu-central-1" --write',
    '<%= config.bin %> <%= command.id %> folder:.hipaa-ci/evidence',
  ]
  static override args = {address: Args.string({description: 'the place (default: the store that is configured)', ignoreStdin: true})}
  static override flags = {
    write: Flags.boolean({description: 'put `store` into the hipaa-ci.yaml that is there, where the place is fit', default: false}),
  }

  async run(): Promise<InitStoreResult> {
    const {args, flags} = await this.parse(StoreInit)
    const context = await this.context({...flags, store: storeArgument(args.address, flags.store)}, {judges: false})
    const result = await initStore({write: flags.write}, context)
    this.print(renderInitStore(result))
    return this.conclude(result, result.exitCode)
  }
}

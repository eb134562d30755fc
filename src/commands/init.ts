import {Flags} from '@oclif/core'
import {initProject, type InitResult} from '../lib/actions/project/init-project.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {renderInit} from '../lib/cli/render/init.ts'
import {createSetupContext} from '../lib/cli/setup-context.ts'

export default class Init extends BaseCommand {
  static override summary = 'Write a commented hipaa-ci.yaml, and on request a key pair.'
  static override description = `Shows every key of the configuration, the defaults commented out, and one environment, \`local\`, that trusts the key
beside the file (cosign.pub). Without a key nothing passes there. --generate-key makes the pair with Cosign: cosign.key, readable by
you alone and ignored by git, and cosign.pub. Its password comes from COSIGN_PASSWORD; unset means empty. It also makes the key that
seals the evidence, checkpoint.key and checkpoint.pub, with the password of HIPAA_CI_SEALING_PASSWORD. A key that is there is never overwritten.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --generate-key',
    '<%= config.bin %> <%= command.id %> --system patient-api --repository registry.example/team/app --generate-key',
  ]
  static override flags = {
    system: Flags.string({description: 'what an auditor asks about (default: name of the git repository, else of the folder)', helpValue: 'NAME'}),
    repository: Flags.string({
      description: 'repository that the images of environment `local` must be signed for (default: not checked)',
      helpValue: 'HOST/REPO',
    }),
    'generate-key': Flags.boolean({description: 'make a key pair for signing, and one for sealing (default: use those that are there)', default: false}),
    file: Flags.string({description: 'where to write the configuration (default: --config, else HIPAA_CI_CONFIG, else hipaa-ci.yaml)', helpValue: 'PATH'}),
    force: Flags.boolean({description: 'replace a configuration that is there; never a key', default: false}),
  }

  async run(): Promise<InitResult> {
    const {flags} = await this.parse(Init)
    const {system, repository, store, file, config, force} = flags
    const result = await initProject(
      {
        generateKey: flags['generate-key'],
        force,
        ...(system !== undefined && {system}),
        ...(repository !== undefined && {repository}),
        ...(store !== undefined && {store}),
        ...(file !== undefined && {file}),
        ...(config !== undefined && {config}),
      },
      await createSetupContext(),
    )
    this.print(renderInit(result))
    return this.conclude(result, result.exitCode)
  }
}

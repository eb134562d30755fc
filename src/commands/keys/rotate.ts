import {Flags} from '@oclif/core'
import {rotateKey, type RotateResult} from '../../lib/actions/keys/rotate-key.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {instantFlag} from '../../lib/cli/flags.ts'
import {renderRotation} from '../../lib/cli/render/rotate-key.ts'

export default class KeysRotate extends BaseCommand {
  static override summary = 'Bring in a new signing key, and end the trust in the old one.'
  static override description = `Pins the new key in hipaa-ci.yaml from a day on, writes its public half beside the old one, gives the old pin its last day,
and makes the new key the one that signs. Comments and all else in the file stay as they are. With a day to come it is only
announced: run it again on that day, or sooner with --on, which brings it forward. What the old key signed goes on being accepted where a timestamp proves that it is older
than that; without one it stops. A compromised key never counts again, with or without a timestamp.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --to awskms:///alias/image-signing-2027',
    '<%= config.bin %> <%= command.id %> --to file:new.key --environment production --on 2027-01-01',
    '<%= config.bin %> <%= command.id %> --compromised sha256:…',
  ]
  static override flags = {
    to: Flags.string({description: 'the new key (without it: only --compromised)', helpValue: 'file:PATH|URI'}),
    environment: Flags.string({description: 'may be given several times (default: those that pin the old key)', helpValue: 'NAME', multiple: true}),
    on: instantFlag({description: 'first day of the new key, last of the old one, UTC (default: today)'}),
    retire: Flags.string({
      description: 'the pin that the new key replaces, named in the same way (default: the signing key configured now)',
      helpValue: 'sha256:…',
    }),
    compromised: Flags.string({
      description: 'a pinned key that somebody else may have: its digest, or the first 12 digits or more (default: none)',
      helpValue: 'sha256:…',
    }),
  }

  async run(): Promise<RotateResult> {
    const {flags} = await this.parse(KeysRotate)
    const {to, environment: environments, on, retire, compromised} = flags
    const result = await rotateKey(
      {
        ...(to !== undefined && {to}),
        ...(environments !== undefined && {environments}),
        ...(on !== undefined && {on}),
        ...(retire !== undefined && {retire}),
        ...(compromised !== undefined && {compromised}),
      },
      await this.context(flags),
    )
    this.print(renderRotation(result))
    return this.conclude(result, result.exitCode)
  }
}

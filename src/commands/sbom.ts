import {Args, Flags} from '@oclif/core'
import {buildSbom, type SbomResult} from '../lib/actions/scan/build-sbom.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {durationFlag} from '../lib/cli/flags.ts'
import {renderSbom} from '../lib/cli/render/sbom.ts'
import {writeSboms} from '../lib/cli/write-sboms.ts'

export default class Sbom extends BaseCommand {
  static override summary = 'Describe an image, archive or folder as SPDX 2.3.'
  static override description = `Syft describes every platform of an image by itself; the documents are kept with one evidence record.
With --out they are also written to files: one document into FILE, several as FILE with the platform before its ending
(app.spdx.json becomes app.linux-amd64.spdx.json and app.linux-arm64.spdx.json).`
  static override examples = [
    '<%= config.bin %> <%= command.id %> registry.example/team/app@sha256:…',
    '<%= config.bin %> <%= command.id %> ./image-layout --repository registry.example/team/app --out app.spdx.json',
    '<%= config.bin %> <%= command.id %> docker-archive:image.tar',
    '<%= config.bin %> <%= command.id %> dir:. --no-record --out source.spdx.json',
  ]
  static override args = {
    target: Args.string({description: 'HOST/REPO[:TAG|@DIGEST], or the path of an OCI layout, an archive or a folder', required: true}),
  }
  static override flags = {
    out: Flags.string({description: 'also write the documents here (default: only into the evidence store)', helpValue: 'FILE'}),
    platform: Flags.string({
      description: 'only this platform; may be repeated (default: `platforms` of the configuration, else all)',
      helpValue: 'OS/ARCH',
      multiple: true,
    }),
    repository: Flags.string({description: 'repository that a layout or archive stands for (default: none)', helpValue: 'HOST/REPO'}),
    timeout: durationFlag({description: 'limit for one run of Syft (default: 10m)'}),
  }

  async run(): Promise<SbomResult & {readonly files: readonly string[]}> {
    const {args, flags} = await this.parse(Sbom)
    const {out, platform, repository, timeout} = flags
    const built = await buildSbom(
      {
        target: args.target,
        ...(platform !== undefined && {platforms: platform}),
        ...(repository !== undefined && {repository}),
        ...(timeout !== undefined && {timeout}),
      },
      await this.context(flags),
    )
    const files = out === undefined ? [] : await writeSboms(out, built)
    this.print(renderSbom(built.result, files))
    return this.conclude({...built.result, files}, built.result.exitCode)
  }
}

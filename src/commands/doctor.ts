import {diagnose, type Diagnosis} from '../lib/actions/project/diagnose.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {createDoctorContext} from '../lib/cli/doctor-context.ts'
import {renderDoctor} from '../lib/cli/render/doctor.ts'

export default class Doctor extends BaseCommand {
  static override summary = 'Look at what the other commands need, and say what to type.'
  static override description = `Node, each tool with its place, version and digest, Trivy's database and its age, the configuration, the policy
of each environment with the files that it pins, the store, the keys that sign and seal, the registries that environments name, the clock, and what the CI platform says. Nothing is changed.
Exit 0: nothing that is needed is missing. 3: Node, a tool, the database or the configured key is. 2: the configuration or a policy has faults. 4: the store, a registry or the platform's policy is out of reach.`
  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> --json']

  async run(): Promise<Diagnosis> {
    const {flags} = await this.parse(Doctor)
    const diagnosis = await diagnose(await createDoctorContext(flags))
    this.print(renderDoctor(diagnosis))
    return this.conclude(diagnosis, diagnosis.exitCode)
  }
}

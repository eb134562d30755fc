import {serveAdmission} from '../../lib/actions/admission/serve-admission.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {createJsonLog} from '../../lib/cli/json-log.ts'
import {renewRegistryLogins} from '../../lib/cli/serve-context.ts'
import {SERVE_FLAGS, serveOptions, serveRequest} from '../../lib/cli/serve-flags.ts'
import {serveTelemetry} from '../../lib/cli/serve-telemetry.ts'
import {untilStopped} from '../../lib/cli/until-stopped.ts'

export default class AdmissionServe extends BaseCommand {
  static override summary = 'Answer a cluster that asks which images may run, and record every answer.'
  static override description = `The provider of external data that Gatekeeper asks by our constraint (hipaa-ci admission install): HTTPS with TLS 1.3, a client certificate
of --client-ca with one of the names, and plain HTTP beside it for probes and metrics (/healthz, /readyz, /metrics).
A cluster that is called by its ARN (arn:aws:eks:REGION:ACCOUNT:cluster/NAME) is told from all others, and its records name all three.
Each verdict is recorded before it is told. Its record lies in the write-ahead log (--wal, on a volume of its own) and is shipped to the
store from there; where the store is out of reach, answers go on until 256 MB or an hour wait, and then nothing is let in.
With --wal-sync store the record is in the store before the reply. Certificates and the policy are read again where they change.
SIGTERM ends it: it is not ready any more, answers on for --drain-delay seconds, and ships what waits; SIGINT does without the delay.
What it has begun is answered. Log lines are JSON, on standard error.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --cluster prod-east --policy policy/hipaa-ci.yaml --store "s3://acme-evidence/prod?region=eu-central-1" --wal /var/lib/hipaa-ci/wal --tls-cert tls.crt --tls-key tls.key --client-ca gatekeeper-ca.crt',
    '<%= config.bin %> <%= command.id %> --cluster local --policy hipaa-ci.yaml --wal-sync store --listen 127.0.0.1:8443 --observe 127.0.0.1:8080 --tls-cert tls.crt --tls-key tls.key --client-ca ca.crt',
  ]
  static override flags = SERVE_FLAGS

  async run(): Promise<{readonly runid: string; readonly exitCode: 0}> {
    const {flags} = await this.parse(AdmissionServe)
    const {policy: _policy, ...others} = flags
    const request = serveRequest(flags)
    const options = serveOptions(flags)
    const context = await this.context(others, options)
    const log = createJsonLog(context.now)
    const stopped = untilStopped()
    const readConfig = async () => (await this.context(others, options)).config
    const serving = await serveAdmission({...request, readConfig, renewLogins: renewRegistryLogins}, serveTelemetry(log), context)
    log('info', 'listening', {url: serving.url, observe: serving.observeUrl, run: serving.runid})
    const signal = await stopped
    log('info', 'stopping', {signal})
    await serving.stop(signal === 'SIGTERM' ? flags['drain-delay'] * 1_000 : 0)
    log('info', 'stopped')
    return this.conclude({runid: serving.runid, exitCode: 0 as const}, 0)
  }
}

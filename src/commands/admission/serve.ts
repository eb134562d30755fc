import {serveAdmission} from '../../lib/actions/admission/serve-admission.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {createJsonLog} from '../../lib/cli/json-log.ts'
import {SERVE_FLAGS, serveRequest} from '../../lib/cli/serve-flags.ts'
import {serveTelemetry} from '../../lib/cli/serve-telemetry.ts'
import {untilStopped} from '../../lib/cli/until-stopped.ts'

export default class AdmissionServe extends BaseCommand {
  static override summary = 'Answer a cluster that asks which images may run, and record every answer.'
  static override description = `The provider of external data that Gatekeeper asks by our constraint (hipaa-ci admission install): HTTPS with TLS 1.3, a client certificate
of --client-ca with one of the names, and plain HTTP beside it for probes and metrics (/healthz, /readyz, /metrics).
Each verdict is recorded before it is told. Its record lies in the write-ahead log (--wal, on a volume of its own) and is shipped to the
store from there; where the store is out of reach, answers go on until 256 MB or an hour wait, and then nothing is let in.
With --wal-sync store the record is in the store before the reply. Certificates and the policy are read again where they change.
SIGTERM and SIGINT end it: what it has begun is answered, and what waits is shipped. Log lines are JSON, on standard error.`
  static override examples = [
    '<%= config.bin %> <%= command.id %> --cluster prod-east --policy policy/hipaa-ci.yaml --store "s3://acme-evidence/prod?region=eu-central-1" --wal /var/lib/hipaa-ci/wal --tls-cert tls.crt --tls-key tls.key --client-ca gatekeeper-ca.crt',
    '<%= config.bin %> <%= command.id %> --cluster local --policy hipaa-ci.yaml --wal-sync store --listen 127.0.0.1:8443 --observe 127.0.0.1:8080 --tls-cert tls.crt --tls-key tls.key --client-ca ca.crt',
  ]
  static override flags = SERVE_FLAGS

  async run(): Promise<{readonly runid: string; readonly exitCode: 0}> {
    const {flags} = await this.parse(AdmissionServe)
    const {policy, ...others} = flags
    const request = serveRequest(flags)
    const options = {soleConfig: policy, system: 'required'} as const
    const context = await this.context(others, options)
    const log = createJsonLog(context.now)
    const stopped = untilStopped()
    const readConfig = async () => (await this.context(others, options)).config
    const serving = await serveAdmission({...request, readConfig}, serveTelemetry(log), context)
    log('info', 'listening', {url: serving.url, observe: serving.observeUrl, run: serving.runid})
    log('info', 'stopping', {signal: await stopped})
    await serving.stop()
    log('info', 'stopped')
    return this.conclude({runid: serving.runid, exitCode: 0 as const}, 0)
  }
}

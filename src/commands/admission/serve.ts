import {hostname} from 'node:os'
import process from 'node:process'
import {Flags} from '@oclif/core'
import {serveAdmission} from '../../lib/actions/admission/serve-admission.ts'
import {BaseCommand} from '../../lib/cli/base-command.ts'
import {createJsonLog} from '../../lib/cli/json-log.ts'
import {serveTelemetry} from '../../lib/cli/serve-telemetry.ts'
import {untilStopped} from '../../lib/cli/until-stopped.ts'

const MEGABYTE = 1024 * 1024
const MINUTE = 60_000

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
  static override flags = {
    cluster: Flags.string({description: 'the cluster that asks, as environments.*.match names it', required: true, helpValue: 'NAME'}),
    policy: Flags.string({description: 'the environments and images rules; never looked for', required: true, helpValue: 'FILE|URL[@sha256:…]'}),
    config: Flags.string({description: 'not taken here: the policy comes by --policy only', hidden: true, exclusive: ['policy'], helpValue: 'FILE'}),
    replica: Flags.string({description: 'what tells this server from others of the cluster (default: the name of the host)', helpValue: 'NAME'}),
    listen: Flags.string({description: 'where it answers the cluster', default: '0.0.0.0:8443', helpValue: 'HOST:PORT'}),
    observe: Flags.string({description: 'where it answers probes and collectors, without TLS', default: '0.0.0.0:8080', helpValue: 'HOST:PORT'}),
    'tls-cert': Flags.string({description: 'its certificate, PEM', required: true, helpValue: 'FILE'}),
    'tls-key': Flags.string({description: 'the key of that, PEM', required: true, helpValue: 'FILE'}),
    'client-ca': Flags.string({description: "the authority of who may ask: Gatekeeper's ca.crt", required: true, helpValue: 'FILE'}),
    'client-name': Flags.string({
      description: 'names of certificates that may ask',
      default: ['gatekeeper-webhook-service.gatekeeper-system.svc'],
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'NAME',
    }),
    'client-spki': Flags.string({
      description: 'SHA-256 of public keys that may ask, where not every certificate of that name may',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'HEX',
    }),
    wal: Flags.string({description: 'folder of the write-ahead log, on a volume of its own', helpValue: 'DIR', exclusive: ['wal-sync']}),
    'wal-sync': Flags.option({options: ['store'] as const, description: 'no log: each record is in the store before the reply'})(),
    'wal-megabytes': Flags.integer({description: 'how much may wait in the log', default: 256, min: 1, max: 65_536}),
    'wal-minutes': Flags.integer({description: 'how long the oldest of it may', default: 60, min: 1, max: 1_440}),
  }

  async run(): Promise<{readonly runid: string; readonly exitCode: 0}> {
    const {flags} = await this.parse(AdmissionServe)
    const {policy, wal, ...others} = flags
    if ((wal === undefined) === (flags['wal-sync'] === undefined)) this.error('give either --wal DIR or --wal-sync store', {exit: 2})
    const options = {soleConfig: policy, system: 'required'} as const
    const context = await this.context(others, options)
    const log = createJsonLog(context.now)
    const stopped = untilStopped()
    const serving = await serveAdmission(
      {
        cluster: flags.cluster,
        replica: flags.replica ?? hostname(),
        server: {
          listen: flags.listen,
          observe: flags.observe,
          certificate: flags['tls-cert'],
          key: flags['tls-key'],
          clientCa: flags['client-ca'],
          clientNames: flags['client-name'],
          ...(flags['client-spki'] !== undefined && {clientSpki: flags['client-spki']}),
        },
        ...(wal !== undefined && {log: {folder: wal, bounds: {bytes: flags['wal-megabytes'] * MEGABYTE, age: flags['wal-minutes'] * MINUTE}}}),
        readConfig: async () => (await this.context(others, options)).config,
      },
      serveTelemetry(log),
      context,
    )
    log('info', 'listening', {url: serving.url, observe: serving.observeUrl, run: serving.runid, pid: process.pid})
    const signal = await stopped
    log('info', 'stopping', {signal})
    await serving.stop()
    log('info', 'stopped')
    return this.conclude({runid: serving.runid, exitCode: 0 as const}, 0)
  }
}

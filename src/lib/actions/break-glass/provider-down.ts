/**
 * The provider is out of the way: the step that does it, and the record that opens it, written at once or afterwards.
 *
 * The step is given whatever becomes of the record: somebody's patients wait. What could not be recorded then is to be
 * recorded later, and is said to be missing until it is.
 */
import {webhookSteps, type WebhookSteps} from '../../admission/webhook-step.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {Code} from '../../evidence/primitives.ts'
import type {DetailOf, RecordOf} from '../../evidence/schema.ts'
import {shellQuoted} from '../../evidence/shell-quoted.ts'
import type {Context} from '../../ports/context.ts'
import {newestRecord} from '../evidence/find-record.ts'
import {recordOnce} from '../evidence/record-once.ts'

export interface ProviderDownRequest {
  readonly cluster: string
  readonly reason: string
  readonly incident: string
  /** Milliseconds; default what the policy lets an exemption last. */
  readonly lasts?: number
  /** When it was, of one that is over: both or none. */
  readonly from?: Date
  readonly until?: Date
}

export interface ProviderDownResult extends Partial<WebhookSteps> {
  readonly exitCode: ExitCode
  readonly cluster: string
  readonly incident: string
  readonly from: string
  readonly expires: string
  readonly record: string | undefined
  /** Why there is no record, and the command that writes it afterwards. */
  readonly unrecorded?: {readonly why: string; readonly fix: string}
}

/** @throws AppError `usage.flag`; of one that is over also `record.*`, `store.*` */
export async function providerDown(request: ProviderDownRequest, context: Context): Promise<ProviderDownResult> {
  const {cluster, reason, incident} = request
  for (const [flag, value] of Object.entries({reason, incident}))
    if (!Code.safeParse(value).success) throw new AppError('usage.flag', `--${flag} ${JSON.stringify(value)} is no code: letters, digits and . _ : / @ # + -`)
  const window = windowOf(request, context)
  const detail: DetailOf<'break-glass'> = {action: 'open', kind: 'provider-down', cluster, reason, incident, ...window}
  const base = {cluster, incident, ...window}
  if (request.from !== undefined) return {exitCode: EXIT.ok, ...base, record: await write(await replacing(detail, context), request, context)}

  const steps = webhookSteps()
  try {
    const record = await write(detail, request, context)
    if (record !== undefined) return {exitCode: EXIT.ok, ...base, ...steps, record}
    return {exitCode: EXIT.ok, ...base, ...steps, record, unrecorded: {why: 'asked not to record', fix: laterCommand(request, window.from)}}
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const unrecorded = {why: error.message, fix: laterCommand(request, window.from)}
    return {exitCode: EXIT.unreachable, ...base, ...steps, record: undefined, unrecorded}
  }
}

function windowOf({lasts, from, until}: ProviderDownRequest, {config, now}: Context): {from: string; expires: string} {
  if ((from === undefined) !== (until === undefined)) throw new AppError('usage.flag', '--from and --until go together: when the provider was out of the way')
  if (from === undefined || until === undefined) {
    const longest = (config.admission['break-glass']?.['max-hours'] ?? 24) * 3_600_000
    if (lasts !== undefined && lasts > longest) throw new AppError('usage.flag', `the policy lets it last ${longest / 3_600_000} hours at most`)
    return {from: now().toISOString(), expires: new Date(now().getTime() + (lasts ?? longest)).toISOString()}
  }
  if (lasts !== undefined) throw new AppError('usage.flag', '--for is for what begins now, and --from and --until for what is over')
  if (until <= from) throw new AppError('usage.flag', `--until ${until.toISOString()} is not after --from ${from.toISOString()}`)
  if (until > now()) throw new AppError('usage.flag', `--until ${until.toISOString()} is still to come`)
  return {from: from.toISOString(), expires: until.toISOString()}
}

/** What was opened for the same incident before: this says better how long it was. */
async function replacing(detail: DetailOf<'break-glass'>, context: Context): Promise<DetailOf<'break-glass'>> {
  if (!(await context.recorder()).enabled) throw new AppError('usage.flag', 'there is nothing to do but the record', {fix: 'Leave --no-record out.'})
  const isBefore = ({data: {detail: other}}: RecordOf<'break-glass'>) =>
    other.action === 'open' && other.kind === 'provider-down' && other.cluster === detail.cluster && other.incident === detail.incident
  const before = await readable(async () => newestRecord('break-glass', '', await context.store(), isBefore))
  if (before === undefined || (before.record.data.detail.from === detail.from && before.record.data.detail.expires === detail.expires)) return detail
  return {...detail, of: before.record.id}
}

/** A role that may write and not read goes on without. */
async function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof AppError && error.code === 'store.refused') return undefined
    throw error
  }
}

async function write(detail: DetailOf<'break-glass'>, {from}: ProviderDownRequest, context: Context): Promise<string | undefined> {
  const isSame = ({data: {detail: other}}: RecordOf<'break-glass'>) => {
    if (other.action !== 'open' || other.kind !== 'provider-down' || other.cluster !== detail.cluster || other.incident !== detail.incident) return false
    // Asked twice while it lasts it is opened once.
    return from === undefined ? Date.parse(other.expires) > context.now().getTime() : other.from === detail.from && other.expires === detail.expires
  }
  return recordOnce(
    `that the provider of ${detail.cluster} is out of the way`,
    context,
    {
      stream: 'break-glass',
      subject: `urn:hipaa-ci:cluster:${encodeURIComponent(detail.cluster)}`,
      environment: 'none',
      outcome: 'warn',
      detail,
    },
    isSame,
  )
}

function laterCommand({cluster, reason, incident}: ProviderDownRequest, from: string): string {
  const words = ['--cluster', cluster, '--reason', reason, '--incident', incident, '--from', from, '--until']
  return `hipaa-ci admission break-glass --provider-down ${words.map(shellQuoted).join(' ')} TIME`
}

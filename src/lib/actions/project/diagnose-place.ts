/** Where this runs: the clock, as far as it can be judged from here, and what the CI platform says. */
import {AppError} from '../../errors.ts'
import {parseStoreAddress} from '../../evidence/store-address.ts'
import type {DoctorContext} from '../../ports/machine.ts'
import {ok, warn, type Check, type Facts} from './diagnosis.ts'

const MINUTE = 60_000
const FIX = 'Set the clock by a time server (chrony, systemd-timesyncd).'
/** No machine that this was built on had an earlier date. */
const EARLIEST = Date.UTC(2026, 0, 1)

/** Compares with what is at hand. No time server is asked, and that is said: a clock that is wrong everywhere looks right. */
export async function checkClock({config, now, probe}: DoctorContext): Promise<Check[]> {
  const name = 'clock'
  const [fileTime, {vulnerabilities}, newest] = await Promise.all([probe.fileTime(), probe.advisories(), newestRecord(config, probe)])
  const time = now()
  const facts: Facts = {now: time.toISOString(), fileSystem: fileTime.toISOString(), ...(newest !== undefined && {newestRecord: newest})}
  const drift = Math.abs(time.getTime() - fileTime.getTime())
  const ahead = (text: string | undefined) => text !== undefined && Date.parse(text) > time.getTime() + MINUTE
  const faults = [
    ...(time.getTime() < EARLIEST ? ['is before 2026'] : []),
    ...(drift > MINUTE ? [`differs from the file system's by ${Math.round(drift / 1000)} s`] : []),
    ...(ahead(newest) ? [`is behind the newest record (${newest})`] : []),
    ...(ahead(vulnerabilities?.updatedAt) ? [`is behind the vulnerability database (${vulnerabilities?.updatedAt})`] : []),
  ]
  if (faults.length > 0) return [warn(name, `${time.toISOString()} ${faults.join(', and ')}`, FIX, facts)]
  const compared = ['file system', ...(newest === undefined ? [] : ['newest record']), ...(vulnerabilities === undefined ? [] : ['vulnerability database'])]
  return [ok(name, `${time.toISOString()} fits the ${compared.join(', the ')} (no time server was asked)`, facts)]
}

async function newestRecord(config: DoctorContext['config'], probe: DoctorContext['probe']): Promise<string | undefined> {
  // Of a bucket, no doctor may have to list the records.
  if (config instanceof AppError || parseStoreAddress(config.store).kind === 's3') return undefined
  // Where the store cannot be looked at, its own line says so.
  return probe.store(config.store).then(
    (facts) => facts.newestRecord,
    (error: unknown) => {
      if (error instanceof AppError) return undefined
      throw error
    },
  )
}

export async function checkCi({ci}: DoctorContext): Promise<Check[]> {
  const {platform, source, job, change, dirty, actor} = ci
  const who = actor.human?.id ?? actor.workload?.id
  const facts: Facts = {
    platform,
    ci: ci.ci,
    source,
    ...(job !== undefined && {job}),
    ...(who !== undefined && {actor: who}),
    ...(change.commit !== undefined && {commit: change.commit}),
    ...(change.ref !== undefined && {ref: change.ref}),
    dirty: dirty === true,
  }
  const commit = change.commit === undefined ? 'no commit' : `commit ${change.commit.slice(0, 12)}${dirty === true ? ' with changes' : ''}`
  return [ok('ci', [ci.ci ? platform : `none (${platform})`, source, commit, ...(who === undefined ? [] : [`by ${who}`])].join(', '), facts)]
}

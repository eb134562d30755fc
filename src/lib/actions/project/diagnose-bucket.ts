/** What `doctor` says of a store in a bucket. Nothing is written to see whether it could be: what lies there stays for years. */
import {judgeBucket} from '../../access/bucket-faults.ts'
import type {Probe} from '../../ports/machine.ts'
import {fault, ok, warn, type Check, type Facts} from './diagnosis.ts'

export async function checkBucket(name: string, store: string, probe: Probe): Promise<Check> {
  try {
    const settings = await probe.bucket(store)
    const {versioning, objectLock, defaultRetention: retention} = settings
    const {faults, unseen} = judgeBucket(settings)
    const facts: Facts = {versioning, objectLock, ...(retention !== undefined && {retention: `${retention.mode} ${retention.days} days`})}
    if (faults.length > 0) return warn(name, `${store}: ${faults.join('; ')}`, 'See what makes it right: hipaa-ci store init', facts)
    const lock = retention === undefined ? '' : `, locks for ${retention.days} days (${retention.mode})`
    // A role that only writes sees nothing of it, and that is as it should be.
    const hidden = unseen.length === 0 ? '' : `; this role may not see: ${unseen.map(({what}) => what).join(', ')}`
    return ok(name, `${store} answers${lock}${hidden}`, facts)
  } catch (error) {
    return fault(name, error)
  }
}

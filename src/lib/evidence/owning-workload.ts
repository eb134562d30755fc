/** What stands behind an owner that a controller made: pods name their ReplicaSet or Job, and not what made that. Pure. */

export interface Workload {
  readonly kind: string
  readonly name: string
}

/** The suffix that a Deployment gives its ReplicaSets: letters and digits that make no words. */
const TEMPLATE_HASH = /-[bcdfghjklmnpqrstvwxz2456789]{6,10}$/
/** The suffix that a CronJob gives its Jobs: minutes since 1970. */
const SCHEDULED = /-(\d{8})$/
/** 2020-01-01 in minutes; every date that is written as eight digits in this century is less. */
const EARLIEST_SCHEDULE = 26_297_280

/** By name alone: a ReplicaSet or Job that a person made and called so is taken for a controller's. */
export function owningWorkload({kind, name}: Workload): Workload {
  if (kind === 'ReplicaSet' && TEMPLATE_HASH.test(name)) return {kind: 'Deployment', name: name.replace(TEMPLATE_HASH, '')}
  const minutes = kind === 'Job' ? SCHEDULED.exec(name)?.[1] : undefined
  return minutes !== undefined && Number(minutes) >= EARLIEST_SCHEDULE ? {kind: 'CronJob', name: name.replace(SCHEDULED, '')} : {kind, name}
}

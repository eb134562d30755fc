/** The `writers` of hipaa-ci.yaml, as YAML: who may write which stream, by what `evidence verify --writers` is told. */
import {eventArn, type Principals} from './principals.ts'
import {ROLE_NAMES, ROLES} from './roles.ts'

/** Stands for a role that nobody was named for: to be filled in, and fitting nobody until then. */
const NOBODY = 'arn:aws:sts::000000000000:assumed-role/'

export interface WritersBlock {
  readonly text: string
  /** Roles that nobody was named for. */
  readonly unnamed: readonly string[]
}

export function writersBlock({holders}: Pick<Principals, 'holders'>): WritersBlock {
  const roles = ROLE_NAMES.filter((name) => ROLES[name].writes.length > 0)
  const lines = roles.flatMap((name) => {
    const principals = (holders.get(name) ?? [`${NOBODY}evidence-${name}/*`]).map(eventArn)
    return [`  ${name}:`, `    principals: [${principals.map((arn) => JSON.stringify(arn)).join(', ')}]`, `    streams: [${ROLES[name].writes.join(', ')}]`]
  })
  return {text: ['writers:', ...lines, ''].join('\n'), unnamed: roles.filter((name) => !holders.has(name))}
}

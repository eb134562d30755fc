/** What a user gave, as what is bound into the SQL and what is shown of it. Pure. */
import {AppError} from '../errors.ts'
import {parseWanted, type Wanted} from '../index/coordinates.ts'
import {earlier, fixPeriod, type PeriodRequest} from './period.ts'
import type {ParameterName, Question} from './question.ts'

export interface ParameterRequest extends PeriodRequest {
  readonly system?: string | undefined
  readonly environment?: string | undefined
  readonly namespace?: string | undefined
  readonly component?: string | undefined
  readonly run?: string | undefined
}

export interface Parameters {
  /** By the names in the SQL; empty where nobody asked. */
  readonly bound: Readonly<Record<string, string>>
  /** For the answer and its record: absolute, and only what narrows it. */
  readonly shown: Readonly<Record<string, string>>
}

const FLAGS = ['since', 'from', 'to', 'system', 'environment', 'namespace', 'component', 'run'] as const
/** What the record of a query holds of a parameter. */
const MAX_LENGTH = 256
/** How much younger than its last known record the missing one of a run without an end may be. */
const RUN_REACH = 86_400_000

/** @throws AppError `usage.flag`, `usage.query` */
export function resolveParameters(question: Question, request: ParameterRequest, now: Date): Parameters {
  refuseForeign(question, request)
  const asked = {...question.defaults, ...Object.fromEntries(Object.entries(request).filter(([, value]) => value !== undefined))} as ParameterRequest
  const period = fixPeriod(request, now)
  const wanted = asked.component === undefined ? undefined : wantedOf(asked.component)
  const shown: Partial<Record<ParameterName, string | undefined>> = {...asked, ...period}
  return {
    bound: {
      ...period,
      reach: earlier(period.from, RUN_REACH),
      system: asked.system ?? '',
      environment: asked.environment ?? '',
      namespace: asked.namespace ?? '',
      run: asked.run ?? '',
      component_name: wanted?.key ?? '',
      component_group: wanted?.group ?? '',
      component_type: wanted?.type ?? '',
      component_version: wanted?.version ?? '',
    },
    shown: Object.fromEntries(question.parameters.flatMap((name) => (shown[name] === undefined ? [] : [[name, shown[name]]]))),
  }
}

/** A flag that would be ignored looks like one that was kept. */
function refuseForeign({name, parameters, required = []}: Question, request: ParameterRequest): void {
  for (const flag of FLAGS) {
    const value = request[flag]
    if (value === undefined) continue
    if (value.length > MAX_LENGTH) throw new AppError('usage.flag', `--${flag} is ${value.length} characters long; at most ${MAX_LENGTH} are taken`)
    if (parameters.includes(flag === 'since' ? 'from' : flag)) continue
    const instead = flag === 'since' || flag === 'from' ? ' (it looks at one moment)' : ''
    throw new AppError('usage.query', `${name} takes no --${flag}${instead}`, {
      fix: `hipaa-ci query ${name} takes ${parameters.map((other) => `--${other}`).join(', ')}.`,
    })
  }
  const missing = required.filter((flag) => request[flag] === undefined)
  if (missing.length > 0) throw new AppError('usage.query', `${name} needs ${missing.map((flag) => `--${flag}`).join(' and ')}`)
}

function wantedOf(text: string): Wanted {
  const wanted = parseWanted(text)
  if (wanted !== undefined) return wanted
  throw new AppError('usage.query', `${text} is not a component; write NAME, NAME@VERSION, GROUP:NAME@VERSION or a package URL`)
}

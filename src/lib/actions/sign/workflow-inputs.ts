/**
 * What the run was given when it was started: by the event that the platform hands to the job, and by who knows of more.
 *
 * Rules: only beside a verified identity, because the build type that has a place
 * for inputs is a platform's. An event that brings inputs and cannot be read is an
 * error: provenance without them would say that there were none. What looks like a
 * secret or PHI stops the command, by its name.
 */
import {AppError} from '../../errors.ts'
import {RULES} from '../../evidence/redaction/rules.ts'
import {redactText} from '../../evidence/redaction/text.ts'
import type {CiFacts, Context} from '../../ports/context.ts'
import type {WorkflowInputs} from '../../predicates/provenance.ts'

/** Where an event keeps what came with it (docs.github.com, events that trigger workflows). */
const EVENTS: Readonly<Record<string, string>> = {workflow_dispatch: 'inputs', repository_dispatch: 'client_payload'}
const NAME = /^[A-Za-z_][\w-]{0,127}$/

/** @param declared `name=value` @throws AppError `usage.flag`, `usage.input`, `redaction.failed` */
export async function workflowInputs(facts: CiFacts, declared: readonly string[], context: Context): Promise<WorkflowInputs> {
  const {verified} = facts
  const given = declared.map((text) => parseInput(text))
  if (verified === undefined) {
    if (given.length === 0) return {}
    throw new AppError('usage.flag', '--input is refused: no CI platform vouches for this job, and its build type has no inputs', {
      fix: 'Let the job ask for an identity token (GitHub: permissions: id-token: write), or leave --input out.',
    })
  }
  const inputs = new Map(verified.platform === 'github-actions' ? await eventInputs(verified.event, context) : [])
  for (const {name, value} of given) {
    const known = inputs.get(name)
    if (known !== undefined && String(known) !== value)
      throw new AppError('usage.flag', `--input ${name} is not what the run was started with, or is given twice`)
    if (known === undefined) inputs.set(name, value)
  }
  for (const [name, value] of inputs) refuseUnclean(name, value)
  return Object.fromEntries(inputs)
}

function parseInput(text: string): {readonly name: string; readonly value: string} {
  const at = text.indexOf('=')
  const name = text.slice(0, Math.max(at, 0))
  if (!NAME.test(name)) throw new AppError('usage.flag', '--input takes NAME=VALUE, with a name of letters, digits, _ and -')
  return {name, value: text.slice(at + 1)}
}

type Value = string | number | boolean

async function eventInputs(event: string, {variable, files}: Context): Promise<[string, Value][]> {
  const member = Object.hasOwn(EVENTS, event) ? EVENTS[event] : undefined
  if (member === undefined) return []
  const path = variable('GITHUB_EVENT_PATH')
  if (path === undefined || path === '')
    throw new AppError('usage.input', `the run was started by ${event}, and GITHUB_EVENT_PATH does not say with which inputs`)
  const payload = parse(Buffer.from(await files.read(path)).toString('utf8'))
  if (payload === undefined)
    throw new AppError('usage.input', `the event that GITHUB_EVENT_PATH names is no JSON object, so the inputs of ${event} are not known`)
  const inputs = payload[member] ?? {}
  if (!isObject(inputs)) throw new AppError('usage.input', `the event that GITHUB_EVENT_PATH names has ${member} that are no object`)
  return Object.entries(inputs).flatMap(([name, value]): [string, Value][] => (value === null ? [] : [[name, scalar(value)]]))
}

/** What is more than one value goes as its JSON. */
function scalar(value: unknown): Value {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : JSON.stringify(value)
}

function refuseUnclean(name: string, value: Value): void {
  const [rule] = [...redactText(name, RULES).hits, ...redactText(String(value), RULES, undefined, name).hits]
  if (rule === undefined) return
  throw new AppError('redaction.failed', `the input ${NAME.test(name) ? name : '(of an odd name)'} holds what looks like a secret or PHI (rule ${rule})`, {
    fix: 'Do not start runs with secrets: anybody who can see the run can see its inputs.',
  })
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

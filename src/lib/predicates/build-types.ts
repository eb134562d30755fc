/**
 * The build types that we state and read, and what each may say from outside: a parameter that is not here is refused
 * (slsa.dev/spec/v1.2/verifying-artifacts, "Check expectations"). Ours are documented in docs/buildtypes/.
 */

/** Nobody vouches for the build. */
export const LOCAL_BUILD_TYPE = 'urn:hipaa-ci:buildtype:local:1'
/** The definition that GitHub publishes: a workflow without inputs, started by one of four events (actions/buildtypes, workflow/v1). */
export const WORKFLOW_BUILD_TYPE = 'https://actions.github.io/buildtypes/workflow/v1'
/** A workflow of GitHub Actions with what that definition has no place for. */
export const GITHUB_BUILD_TYPE = 'urn:hipaa-ci:buildtype:github-workflow:1'
export const GITLAB_BUILD_TYPE = 'urn:hipaa-ci:buildtype:gitlab-pipeline:1'

/** "MUST NOT be used for any other event type". */
export const WORKFLOW_EVENTS: readonly string[] = ['create', 'release', 'push', 'workflow_dispatch']

type Kind = 'anything' | 'text' | 'definition' | 'inputs'

const PARAMETERS: Readonly<Record<string, Readonly<Record<string, Kind>>>> = {
  // Self-declared, and of no consequence before a check asks for a source.
  [LOCAL_BUILD_TYPE]: {source: 'anything', ref: 'anything'},
  [WORKFLOW_BUILD_TYPE]: {workflow: 'definition'},
  [GITHUB_BUILD_TYPE]: {workflow: 'definition', source: 'text', inputs: 'inputs'},
  [GITLAB_BUILD_TYPE]: {pipeline: 'definition', source: 'text', inputs: 'inputs'},
}

/** All of them are required, and no other. */
const DEFINITION = ['ref', 'repository', 'path']

interface BuildDefinition {
  readonly buildType: string
  readonly externalParameters: Readonly<Record<string, unknown>>
}

/**
 * What must not be there, as a sentence; undefined where all is known.
 * @param inputs names of inputs that are expected
 */
export function parameterFault({buildType, externalParameters}: BuildDefinition, inputs: readonly string[]): string | undefined {
  // By own name only: `constructor` is no build type.
  const known = Object.hasOwn(PARAMETERS, buildType) ? PARAMETERS[buildType] : undefined
  if (known === undefined) return `build type ${buildType} is not known`
  const required = Object.keys(known).filter((name) => known[name] === 'definition')
  const missing = required.find((name) => !Object.hasOwn(externalParameters, name))
  if (missing !== undefined) return `external parameter ${missing} is missing`
  for (const [name, value] of Object.entries(externalParameters)) {
    const kind = Object.hasOwn(known, name) ? known[name] : undefined
    if (kind === undefined) return `external parameter ${name} is not known for ${buildType}`
    const fault = valueFault(name, value, kind, inputs)
    if (fault !== undefined) return fault
  }
  return undefined
}

/** Where the image was built from, as a git URI (`git+https://github.com/acme/app@refs/heads/main`); undefined where nothing is named. */
export function sourceOf({externalParameters}: BuildDefinition): string | undefined {
  const {source, workflow, pipeline} = externalParameters
  if (source !== undefined) return typeof source === 'string' && source !== '' ? source : undefined
  const {repository, ref} = (workflow ?? pipeline ?? {}) as {repository?: unknown; ref?: unknown}
  return typeof repository === 'string' && typeof ref === 'string' ? gitUri(repository, ref) : undefined
}

export function gitUri(repository: string, ref: string | undefined): string {
  const base = /^[a-z+]+:/.test(repository) ? repository : `https://${repository}`
  return `git+${base}${ref === undefined ? '' : `@${ref}`}`
}

function valueFault(name: string, value: unknown, kind: Kind, inputs: readonly string[]): string | undefined {
  if (kind === 'anything' || (kind === 'text' && typeof value === 'string')) return undefined
  if (kind === 'text' || typeof value !== 'object' || value === null || Array.isArray(value)) return `external parameter ${name} is not what it must be`
  const members = Object.entries(value).map(([key, member]: [string, unknown]) => ({key, member}))
  const known = kind === 'definition' ? DEFINITION : inputs
  const unknown = members.find(({key}) => !known.includes(key))
  if (unknown !== undefined) return `external parameter ${name}.${unknown.key} is not ${kind === 'inputs' ? 'expected' : 'known'}`
  if (kind === 'definition' && (members.length < DEFINITION.length || members.some(({member}) => typeof member !== 'string' || member === '')))
    return `external parameter ${name} is not complete`
  return undefined
}

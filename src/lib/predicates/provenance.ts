/**
 * SLSA provenance v1 (slsa.dev/spec/v1.2/build-provenance).
 *
 * What a verified identity token says is stated as its platform's build type
 * does; without one the builder is `…/unverified`: level 1 at most. Members of
 * ours within others' objects are called `hipaa_ci_…` (the specification's rule
 * for extension fields: `<vendor>_<fieldname>`). All is documented in docs/buildtypes/.
 */
import {z} from 'zod'
import {Principal} from '../evidence/schema.ts'
import type {CiFacts} from '../ports/context.ts'
import type {VerifiedJob} from '../ports/verified-job.ts'
import {GITHUB_BUILD_TYPE, GITLAB_BUILD_TYPE, gitUri, LOCAL_BUILD_TYPE, WORKFLOW_BUILD_TYPE, WORKFLOW_EVENTS} from './build-types.ts'

/** A decision about the image, by record. */
export interface Byproduct {
  readonly name: string
  readonly id: string
  readonly sha256: string
  readonly outcome: string
  readonly policy?: string
}

/** What whoever started the run gave it, by name. */
export type WorkflowInputs = Readonly<Record<string, string | number | boolean>>

export interface ProvenanceInput {
  readonly facts: CiFacts
  /** Only with `facts.verified`. */
  readonly inputs?: WorkflowInputs
  /** The run of evidence that it is made in, where it is recorded. */
  readonly runId?: string | undefined
  /** When it is stated; no earlier time is known to be true. */
  readonly statedAt: string
  readonly toolVersion: string
  readonly byproducts: readonly Byproduct[]
}

export function provenancePredicate(input: ProvenanceInput): unknown {
  const {verified, platform, runUrl} = input.facts
  const invocation = verified?.invocation ?? runUrl ?? runUrn(input.runId)
  return {
    buildDefinition: verified === undefined ? localDefinition(input.facts) : verifiedDefinition(verified, input),
    runDetails: {
      builder: {id: verified?.builder ?? `urn:hipaa-ci:builder:${platform}/unverified`, version: {'hipaa-ci': input.toolVersion}},
      metadata: {
        ...(invocation !== undefined && {invocationId: invocation}),
        finishedOn: input.statedAt,
      },
      byproducts: input.byproducts.map(({name, id, sha256, outcome, policy}) => ({
        name,
        uri: `urn:hipaa-ci:record:${id}`,
        digest: {sha256},
        annotations: {outcome, ...(policy !== undefined && {policy})},
      })),
    },
  }
}

/** The name of a run of evidence; undefined where nothing is recorded. */
export function runUrn(runId: string | undefined): string | undefined {
  return runId === undefined ? undefined : `urn:hipaa-ci:run:${runId}`
}

export const ProvenancePredicate = z.looseObject({
  buildDefinition: z.looseObject({
    buildType: z.string(),
    externalParameters: z.record(z.string(), z.unknown()),
    internalParameters: z.record(z.string(), z.unknown()).optional(),
    resolvedDependencies: z.array(z.looseObject({uri: z.string().optional(), digest: z.record(z.string(), z.string()).optional()})).optional(),
  }),
  runDetails: z.looseObject({
    builder: z.looseObject({id: z.string()}),
    metadata: z.looseObject({finishedOn: z.string().optional()}).optional(),
  }),
})
export type ProvenancePredicate = z.infer<typeof ProvenancePredicate>

const StatedChange = z.strictObject({authors: z.array(Principal).min(1), actor: Principal.optional()})

/**
 * Everybody who may have a share in the change: those whom git names as its authors, and who started the run.
 * Undefined where the predicate does not say, or not completely: then nobody can be said not to be among them.
 */
export function changeAuthors(predicate: unknown): Principal[] | undefined {
  const parsed = ProvenancePredicate.safeParse(predicate)
  const change = StatedChange.safeParse(parsed.data?.buildDefinition.internalParameters?.['hipaa_ci_change'])
  if (!change.success) return undefined
  const {authors, actor} = change.data
  return [...authors, ...(actor === undefined ? [] : [actor])]
}

/** Whether a tree that differed from its commit is why no author is named. */
export function isDirty(predicate: unknown): boolean {
  return ProvenancePredicate.safeParse(predicate).data?.buildDefinition.internalParameters?.['dirty'] === true
}

function localDefinition(facts: CiFacts): unknown {
  const {change, source, platform, dirty = false} = facts
  const uri = change.repository === undefined ? undefined : gitUri(change.repository, change.ref)
  return {
    buildType: LOCAL_BUILD_TYPE,
    externalParameters: {source: uri ?? source, ...(change.ref !== undefined && {ref: change.ref})},
    // A tree that differs from its commit is not built from that commit: neither it nor its authors must be named as what went in.
    internalParameters: {platform, ...(dirty ? {dirty} : changeOf(facts))},
    resolvedDependencies: change.commit === undefined || dirty ? [] : [{...(uri !== undefined && {uri}), digest: {gitCommit: change.commit}}],
  }
}

function verifiedDefinition(job: VerifiedJob, {facts, inputs = {}}: ProvenanceInput): unknown {
  const {definition, repository, ref, commit, details} = job
  const isHere = definition.repository === repository && definition.ref === ref
  const hasInputs = Object.keys(inputs).length > 0
  const github = job.platform === 'github-actions'
  const isPublished = github && isHere && !hasInputs && WORKFLOW_EVENTS.includes(job.event)
  const {path} = definition
  return {
    buildType: isPublished ? WORKFLOW_BUILD_TYPE : github ? GITHUB_BUILD_TYPE : GITLAB_BUILD_TYPE,
    externalParameters: {
      [github ? 'workflow' : 'pipeline']: {ref: definition.ref, repository: definition.repository, path},
      ...(!isHere && {source: gitUri(repository, ref)}),
      ...(hasInputs && {inputs}),
    },
    internalParameters: {
      [github ? 'github' : 'gitlab']: details,
      ...changeOf(facts),
      // The commit is what the platform started from; what the job then did to the files is another matter.
      ...(facts.dirty === true && {hipaa_ci_dirty: true}),
    },
    resolvedDependencies: [{uri: gitUri(repository, ref), digest: {gitCommit: commit}}],
  }
}

/** Nothing, where there may be authors that are not known: a list that looks complete would clear them. */
function changeOf({change: {authors}, authorsPartial = false, verified}: CiFacts): {hipaa_ci_change?: unknown} {
  if (authors.length === 0 || authorsPartial) return {}
  const actor = verified?.actor.human
  return {hipaa_ci_change: {authors, ...(actor !== undefined && {actor})}}
}

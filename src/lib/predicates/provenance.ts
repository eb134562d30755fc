/**
 * SLSA provenance v1 (slsa.dev/spec/v1.2/build-provenance).
 *
 * Without claims that somebody verified, the builder is `…/unverified`: level 1
 * at most. The build type is documented in docs/buildtypes/local.md.
 */
import {z} from 'zod'
import {Principal} from '../evidence/schema.ts'
import type {CiFacts} from '../ports/context.ts'

export const LOCAL_BUILD_TYPE = 'urn:hipaa-ci:buildtype:local:1'

/** A decision about the image, by record. */
export interface Byproduct {
  readonly name: string
  readonly id: string
  readonly sha256: string
  readonly outcome: string
  readonly policy?: string
}

export interface ProvenanceInput {
  readonly facts: CiFacts
  /** The run of evidence that it is made in, where it is recorded. */
  readonly runId?: string | undefined
  /** When it is stated; no earlier time is known to be true. */
  readonly statedAt: string
  readonly toolVersion: string
  readonly byproducts: readonly Byproduct[]
}

export function provenancePredicate(input: ProvenanceInput): unknown {
  const {change, source, platform, runUrl, dirty = false} = input.facts
  const uri = change.repository === undefined ? undefined : gitUri(change.repository, change.ref)
  const invocation = runUrl ?? runUrn(input.runId)
  return {
    buildDefinition: {
      buildType: LOCAL_BUILD_TYPE,
      externalParameters: {source: uri ?? source, ...(change.ref !== undefined && {ref: change.ref})},
      // A tree that differs from its commit is not built from that commit: the commit must not be named as what went in.
      internalParameters: {platform, ...(dirty && {dirty})},
      resolvedDependencies: change.commit === undefined || dirty ? [] : [{...(uri !== undefined && {uri}), digest: {gitCommit: change.commit}}],
    },
    runDetails: {
      builder: {id: `urn:hipaa-ci:builder:${platform}/unverified`, version: {'hipaa-ci': input.toolVersion}},
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

/** External parameters that each known build type may have; any other is refused. */
export const KNOWN_PARAMETERS: Readonly<Record<string, readonly string[]>> = {
  [LOCAL_BUILD_TYPE]: ['source', 'ref'],
  'https://actions.github.io/buildtypes/workflow/v1': ['workflow'],
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

/** Everybody who may have a share in the change; undefined where the predicate does not say. */
export function changeAuthors(predicate: unknown): Principal[] | undefined {
  const parsed = ProvenancePredicate.safeParse(predicate)
  const change = StatedChange.safeParse(parsed.data?.buildDefinition.internalParameters?.['hipaa_ci_change'])
  return change.success ? [...change.data.authors, ...(change.data.actor === undefined ? [] : [change.data.actor])] : undefined
}

function gitUri(repository: string, ref: string | undefined): string {
  const base = /^[a-z+]+:/.test(repository) ? repository : `https://${repository}`
  return `git+${base}${ref === undefined ? '' : `@${ref}`}`
}

/** A job as its CI platform vouches for it: what the claims of a verified identity token come to. Types only. */
import type {Actor} from '../evidence/schema.ts'

/** A file of a repository that says what a run does: the workflow or pipeline that was started. */
export interface RunDefinition {
  /** `https://github.com/acme/app` */
  readonly repository: string
  /** `refs/heads/main` */
  readonly ref: string
  readonly path: string
}

export interface VerifiedJob {
  readonly platform: 'github-actions' | 'gitlab-ci'
  /** Of the token. */
  readonly issuer: string
  /** What the run is for: `https://github.com/acme/app`, its git ref and commit. */
  readonly repository: string
  readonly ref: string
  readonly commit: string
  readonly definition: RunDefinition
  /** Whose steps the job runs, as an address: the reusable workflow where there is one, else `definition`. SLSA's `builder.id`. */
  readonly builder: string
  /** `push`, `workflow_dispatch` … */
  readonly event: string
  readonly runUrl: string
  /** This attempt of it, or this job. */
  readonly invocation: string
  /** More claims, by the platform's names for them. */
  readonly details: Readonly<Record<string, string>>
  /** Basis `token`. */
  readonly actor: Actor
}

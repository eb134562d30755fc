/**
 * Trivy's JSON report, schema version 2 (trivy, pkg/types/report.go): the part that is read.
 *
 * The match of a secret and the lines around a fault are not in it.
 */
import {z} from 'zod'

const text = z.string().optional()
const Identifier = z.looseObject({PURL: text}).optional()

const Vulnerability = z.looseObject({
  VulnerabilityID: z.string(),
  PkgName: z.string(),
  PkgPath: text,
  PkgIdentifier: Identifier,
  InstalledVersion: text,
  FixedVersion: text,
  SeveritySource: text,
  Severity: text,
  Title: text,
})
const Misconfiguration = z.looseObject({
  ID: z.string(),
  Title: text,
  Severity: text,
  Status: text,
  CauseMetadata: z.looseObject({Resource: text, StartLine: z.int().optional()}).optional(),
})
const Secret = z.looseObject({RuleID: z.string(), Title: text, Severity: text, StartLine: z.int().optional()})
const Package = z.looseObject({
  Name: text,
  Version: text,
  Release: text,
  Identifier,
  FilePath: text,
  Repository: z.looseObject({Class: text}).optional(),
})
const Result = z.looseObject({
  Target: z.string(),
  Class: text,
  Type: text,
  Packages: z.array(Package).default([]),
  Vulnerabilities: z.array(Vulnerability).default([]),
  Misconfigurations: z.array(Misconfiguration).default([]),
  Secrets: z.array(Secret).default([]),
  ExperimentalModifiedFindings: z.array(z.unknown()).default([]),
})
export type TrivyResult = z.infer<typeof Result>

export const Report = z.looseObject({
  SchemaVersion: z.literal(2),
  /** What Trivy was pointed at; stands as a target for what is in the image's configuration. */
  ArtifactName: z.string(),
  Metadata: z.looseObject({OS: z.looseObject({Family: z.string(), Name: text, EOSL: z.boolean().optional()}).optional()}).optional(),
  Results: z.array(Result).default([]),
})
export type TrivyJson = z.infer<typeof Report>

/** Terraform (HCL) for a bucket that keeps evidence, from one template. Valid as it stands; the names in it are ours. */
import type {S3Address} from '../evidence/store-address.ts'
import {bucketPolicy} from './bucket-policy.ts'
import type {PolicyDocument} from './policy-document.ts'
import type {Holder, Principals} from './principals.ts'
import {rolePolicy, type StorePlaces} from './role-policy.ts'
import {ROLES, type RoleName} from './roles.ts'

export interface TerraformRequest extends StorePlaces {
  readonly principals: Principals
  /** Policies to be attached to the roles; none: the bucket alone. */
  readonly roles: readonly RoleName[]
}

const BREAK_GLASS = '${var.break_glass_arn}'

export function terraformText(request: TerraformRequest): string {
  const {store, principals, years} = request
  const isNamed = (principals.holders.get('break-glass') ?? []).length > 0
  const holders = new Map<Holder, readonly string[]>([...(isNamed ? [] : ([['break-glass', [BREAK_GLASS]]] as const)), ...principals.holders])
  const policy = bucketPolicy({store, years, principals: {...principals, holders}})
  return [
    HEAD,
    ...(isNamed ? [] : [VARIABLE]),
    bucket(store, years),
    `resource "aws_s3_bucket_policy" "evidence" {
  bucket = aws_s3_bucket.evidence.id
  policy = ${heredoc(policy)}

  # From here on only break-glass may change the policy, and nobody the settings.
  depends_on = [
    aws_s3_bucket_versioning.evidence,
    aws_s3_bucket_object_lock_configuration.evidence,
    aws_s3_bucket_server_side_encryption_configuration.evidence,
    aws_s3_bucket_public_access_block.evidence,
    aws_s3_bucket_ownership_controls.evidence,
  ]
}
`,
    ...request.roles.map((role) => rolePolicyText(role, request)),
  ].join('\n')
}

const HEAD = `# A bucket that keeps evidence: versions, Object Lock, a default retention that nobody can shorten.
# Evidence expires by its lock alone: add no lifecycle rule, it would hide what is locked behind delete markers.
#
# What cannot be taken back: Object Lock, once it is on; a version's COMPLIANCE lock, by anybody, before its time.
# What a new setting does not reach: versions that are there already; \`hipaa-ci evidence extend\` mends those.
# A bucket that exists: terraform import aws_s3_bucket.evidence NAME (and the others by the same name).

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}
`

const VARIABLE = `variable "break_glass_arn" {
  type        = string
  description = "The one role that may change this bucket's policy, kept for emergencies."
}
`

function bucket({bucket: name}: S3Address, years: number): string {
  return `resource "aws_s3_bucket" "evidence" {
  bucket              = ${JSON.stringify(name)}
  object_lock_enabled = true

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "evidence" {
  bucket = aws_s3_bucket.evidence.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "evidence" {
  bucket = aws_s3_bucket.evidence.id

  rule {
    default_retention {
      mode  = "COMPLIANCE"
      years = ${years}
    }
  }

  depends_on = [aws_s3_bucket_versioning.evidence]
}

# With keys of S3's own: whoever could delete a key would delete what it encrypts, lock or no lock.
resource "aws_s3_bucket_server_side_encryption_configuration" "evidence" {
  bucket = aws_s3_bucket.evidence.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "evidence" {
  bucket                  = aws_s3_bucket.evidence.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "evidence" {
  bucket = aws_s3_bucket.evidence.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}
`
}

function rolePolicyText(role: RoleName, places: StorePlaces): string {
  return `# ${ROLES[role].duty}
resource "aws_iam_policy" "evidence_${role.replaceAll('-', '_')}" {
  name   = "evidence-${role}"
  policy = ${heredoc(rolePolicy(role, places))}
}
`
}

function heredoc(policy: PolicyDocument): string {
  return `<<-JSON\n${JSON.stringify(policy, null, 2).replaceAll(/^/gm, '    ')}\n  JSON`
}

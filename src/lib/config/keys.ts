/**
 * What the schema knows: the keys at a place, and the scalars that a variable
 * may set. Read off the schema itself, so that no list can fall behind it.
 */
import {z} from 'zod'
import type {Path} from './document.ts'
import {Config} from './schema.ts'

/** The keys allowed at `path`; none where the schema has no mapping with fixed keys there. */
export function knownKeys(path: Path, root: z.core.$ZodType = Config): readonly string[] {
  let schema: z.core.$ZodType | undefined = root
  for (const step of path) schema = schema === undefined ? undefined : child(bare(schema), step)
  const found = schema === undefined ? undefined : bare(schema)
  return found instanceof z.ZodObject ? Object.keys(found.shape) : []
}

/** How the text of a variable becomes a value. */
export type ScalarKind = 'text' | 'number' | 'boolean'

export interface ScalarKey {
  /** `gate.vulnerabilities.database-max-age` */
  readonly key: string
  readonly path: readonly string[]
  readonly kind: ScalarKind
  /** `HIPAA_CI_GATE_VULNERABILITIES_DATABASE_MAX_AGE` */
  readonly variable: string
}

/** What is trusted: whoever sets variables of a job must not choose it. */
const TRUST: ReadonlySet<string> = new Set(['trusted-root', 'floor', 'revocations', 'identities', 'sealing', 'writers', 'admission'])

/** Scalars under fixed keys. Not those of environments and images: a policy is not set by a variable. */
export const SCALAR_KEYS: readonly ScalarKey[] = scalarsBelow(Config, []).filter(({key, path: [first = '']}) => key !== 'version' && !TRUST.has(first))

function scalarsBelow(schema: z.core.$ZodType, path: readonly string[]): ScalarKey[] {
  const found = bare(schema)
  if (found instanceof z.ZodObject) return Object.entries(found.shape as z.core.$ZodShape).flatMap(([name, inner]) => scalarsBelow(inner, [...path, name]))
  const kind = scalarKind(found)
  if (kind === undefined) return []
  const key = path.join('.')
  return [{key, path, kind, variable: `HIPAA_CI_${key.toUpperCase().replaceAll(/[.-]/g, '_')}`}]
}

function scalarKind(schema: z.core.$ZodType): ScalarKind | undefined {
  if (schema instanceof z.ZodNumber) return 'number'
  if (schema instanceof z.ZodBoolean) return 'boolean'
  return schema instanceof z.ZodString || schema instanceof z.ZodURL || schema instanceof z.ZodLiteral || schema instanceof z.ZodEnum ? 'text' : undefined
}

function child(schema: z.core.$ZodType, step: string | number): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as z.core.$ZodShape)[step]
  if (schema instanceof z.ZodRecord) return schema.valueType
  return schema instanceof z.ZodArray ? schema.element : undefined
}

/** Without its defaults, options and transformations. */
function bare(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault) return bare(schema.def.innerType)
  return schema instanceof z.ZodPipe ? bare(schema.def.in) : schema
}

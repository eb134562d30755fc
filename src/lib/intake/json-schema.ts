/**
 * A value against somebody's JSON Schema. Pure.
 *
 * Draft 2020-12, 2019-09 or 07, as its `$schema` says (07 where it says
 * nothing). Nothing is fetched: a `$ref` leads within the schema or fails. A
 * keyword that the draft does not know is refused: a misspelt limit would look
 * like a kept one.
 */
import {Ajv, type ErrorObject, type ValidateFunction} from 'ajv'
import {Ajv2019} from 'ajv/dist/2019.js'
import {Ajv2020} from 'ajv/dist/2020.js'
import formats from 'ajv-formats'
import {AppError} from '../errors.ts'

const OPTIONS = {allErrors: true, strictSchema: true, strictTypes: false, strictTuples: false, strictRequired: false} as const

/**
 * @returns faults of a value, none where it fits; never the value itself
 * @throws AppError `usage.input` where it is no schema that can be used
 */
export function compileSchema(schema: unknown): (value: unknown) => string[] {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) throw new AppError('usage.input', 'the JSON Schema is not an object')
  const validate = compile(schema)
  return (value) => (validate(value) ? [] : (validate.errors ?? []).map(faultOf))
}

function compile(schema: object): ValidateFunction {
  const draft = '$schema' in schema && typeof schema.$schema === 'string' ? schema.$schema : ''
  const ajv = draft.includes('2020-12') ? new Ajv2020(OPTIONS) : draft.includes('2019-09') ? new Ajv2019(OPTIONS) : new Ajv(OPTIONS)
  formats.default(ajv)
  try {
    return ajv.compile(schema)
  } catch (cause) {
    throw new AppError('usage.input', `the JSON Schema cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, {cause})
  }
}

function faultOf({instancePath, message}: ErrorObject): string {
  return `${instancePath === '' ? '(top)' : instancePath.slice(1).replaceAll('/', '.')}: ${message ?? 'does not fit'}`
}

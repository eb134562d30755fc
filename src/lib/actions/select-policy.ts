/** Which environment's policy judges an image, with its key files read and held against their pins. */
import {createHash} from 'node:crypto'
import {resolve} from 'node:path'
import canonicalize from 'canonicalize'
import type {Environment, KeyPin} from '../config/schema.ts'
import {AppError} from '../errors.ts'
import type {Policy, PolicyKey} from '../policy/model.ts'
import {readPublicKey} from '../policy/public-key.ts'
import type {Context} from '../ports/context.ts'

export interface PolicyRequest {
  readonly environment?: string
  /** Path of a public key (PEM); replaces the environment's signers. */
  readonly key?: string
  /** The image's own repository, where it has one. */
  readonly repository?: string
}

/** @throws AppError `usage.environment`, `policy.invalid`, `key.*` */
export async function selectPolicy(request: PolicyRequest, context: Context): Promise<Policy> {
  const chosen = chooseEnvironment(request, context)
  const given = request.key === undefined ? undefined : await givenKey(request.key, context)
  if (chosen === undefined) {
    if (given === undefined) throw noEnvironment(context)
    return {name: '(key)', digest: digestOf({keys: [`sha256:${given.spki}`], requires: {}}), keys: [given], requires: {}}
  }
  const [name, environment] = chosen
  return environmentPolicy(name, environment, context, given)
}

/** The policy of one environment. @throws AppError `policy.invalid`, `key.unreadable` */
export async function environmentPolicy(name: string, environment: Environment, context: Context, given?: PolicyKey): Promise<Policy> {
  const {requires, repository} = environment
  const digest = digestOf({environment, images: context.config.images, ...(given !== undefined && {keys: [`sha256:${given.spki}`]})})
  const base = {name, digest, ...(repository !== undefined && {repository})}
  if (requires === undefined) return {...base, keys: given === undefined ? [] : [given]}
  const {signature, ...rest} = requires
  if (given !== undefined) return {...base, keys: [given], requires: rest}
  if (signature === undefined)
    throw new AppError('policy.invalid', `environment ${name} names no keys: without \`requires.signature\` nobody's statements can be trusted`)
  return {...base, keys: await Promise.all((signature.keys ?? []).map(async (pin) => pinnedKey(name, pin, context))), requires: rest}
}

/** SHA-256 of the canonical (RFC 8785) JSON. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(canonicalize(value) ?? '')
    .digest('hex')
}

function chooseEnvironment(request: PolicyRequest, {config}: Context): [string, Environment] | undefined {
  const all = Object.entries(config.environments)
  if (request.environment !== undefined) {
    const named = all.find(([name]) => name === request.environment)
    if (named !== undefined) return named
    throw new AppError('usage.environment', `there is no environment ${request.environment}; there are: ${all.map(([name]) => name).join(', ') || 'none'}`)
  }
  const owning = all.filter(([, {repository}]) => repository !== undefined && repository === request.repository)
  if (owning.length === 1) return owning[0]
  if (all.length === 1) return all[0]
  if (all.length === 0 || request.key !== undefined) return undefined
  throw new AppError('usage.environment', `several environments could judge ${request.repository ?? 'this image'}: ${all.map(([name]) => name).join(', ')}`)
}

function noEnvironment({config}: Context): AppError {
  return config.file === undefined
    ? new AppError('config.missing', 'there is no hipaa-ci.yaml to say which keys to trust, and no --key', {
        fix: 'Add --key FILE, or: hipaa-ci init --generate-key',
      })
    : new AppError('usage.environment', `${config.file} has no environment, and no --key was given`, {fix: 'Add an environment, or --key FILE.'})
}

async function givenKey(path: string, context: Context): Promise<PolicyKey> {
  const file = resolve(context.cwd, path.replace(/^file:/, ''))
  const key = readPublicKey(await text(file, context))
  if (key === undefined) throw new AppError('key.unreadable', `${file} is not a P-256 public key in PEM`)
  return {...key, status: 'active'}
}

async function pinnedKey(environment: string, pin: KeyPin, context: Context): Promise<PolicyKey> {
  const file = resolve(context.config.root, pin.file)
  const key = readPublicKey(await text(file, context))
  if (key === undefined) throw new AppError('key.unreadable', `${file} is not a P-256 public key in PEM`)
  if (`sha256:${key.spki}` !== pin.spki)
    throw new AppError('policy.invalid', `the key in ${file} is sha256:${key.spki}, but environment ${environment} pins ${pin.spki}`)
  return {...key, status: pin.status, ...(pin.from !== undefined && {from: pin.from}), ...(pin.until !== undefined && {until: pin.until})}
}

async function text(path: string, context: Context): Promise<string> {
  if (!(await context.files.exists(path))) throw new AppError('key.unreadable', `there is no public key ${path}`)
  return Buffer.from(await context.files.read(path)).toString('utf8')
}

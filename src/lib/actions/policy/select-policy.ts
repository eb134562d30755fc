/** Which environment's policy judges an image, with all that it names read and held against its pins. */
import {createHash} from 'node:crypto'
import {resolve} from 'node:path'
import canonicalize from 'canonicalize'
import type {Environment} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {Policy} from '../../policy/model.ts'
import type {Context} from '../../ports/context.ts'
import type {BlobInput} from '../../ports/evidence-store.ts'
import type {TrustedIdentity} from '../../ports/signatures.ts'
import type {PolicyFiles} from './pinned-file.ts'
import {pinnedKeys, publicKeyFile} from './pinned-key.ts'
import {distinctTexts, keyTexts, namedText, policyText} from './policy-text.ts'
import {readApprovals, readPromotion} from './read-approvers.ts'
import {readPersons} from './read-persons.ts'
import {readTimestampAuthorities, readTrustedRoot, authoritiesOf, type TrustedRootFile} from './read-trust.ts'

export interface PolicyRequest {
  readonly environment?: string
  /** Path of a public key (PEM); replaces the environment's signers. */
  readonly key?: string
  /** Of a certificate; replaces them too. Vouched for by the trusted root. */
  readonly identity?: TrustedIdentity
  /** Path of a Sigstore trusted root; instead of that of the configuration. */
  readonly trustedRoot?: string
  /** The image's own repository, where it has one. */
  readonly repository?: string
}

/** @throws AppError `usage.environment`, `policy.invalid`, `key.*` */
export async function selectPolicy(request: PolicyRequest, around: Context): Promise<Policy> {
  const context = withRoot(request, around)
  const chosen = chooseEnvironment(request, context)
  if (chosen === undefined) return signerPolicy(request, context)
  const policy = await environmentPolicy(...chosen, context, await givenSigners(request, context))
  return request.identity === undefined ? policy : {...policy, unnamedRepository: 'allowed'}
}

/** Of nothing but the signer that a person names: the signature alone is judged. @throws AppError `config.missing`, `usage.environment`, `policy.invalid`, `key.*` */
export async function signerPolicy(request: PolicyRequest, around: Context): Promise<Policy> {
  const context = withRoot(request, around)
  const given = await givenSigners(request, context)
  if (given === undefined) throw noEnvironment(context)
  // A flag that is given is never ignored: what it names has to be there, and readable, also where a key needs no root.
  const root = given.identities.length === 0 && request.trustedRoot === undefined ? undefined : await readTrustedRoot('--certificate-identity', context)
  const value = {...digestible(given), requires: {}, ...(root !== undefined && {'trusted-root': root.sha256})}
  return {
    name: given.keys.length > 0 ? '(key)' : '(identity)',
    digest: digestOf(value),
    texts: [policyText(value), ...keyTexts(given), ...rootTexts(root)],
    ...given,
    ...(root !== undefined && {trustedRoot: root.json}),
    // Whoever signs under an identity signs with tools that name no repository.
    ...(given.identities.length > 0 && {unnamedRepository: 'allowed'}),
    requires: {},
  }
}

function withRoot({trustedRoot}: PolicyRequest, context: Context): Context {
  return trustedRoot === undefined ? context : {...context, config: {...context.config, 'trusted-root': resolve(context.cwd, trustedRoot)}}
}

/** Those that a person names stand in for all signers of the environment, its promotion key among them. */
type GivenSigners = Required<Pick<Policy, 'keys' | 'identities'>>

/**
 * The policy of one environment; with the platform's own, where a floor is in force: that is about the service's
 * repository where it names none, and the digest covers both. A signer that a person names at the command line stands
 * in for those of both.
 * @throws AppError `policy.invalid`, `key.unreadable`
 */
export async function environmentPolicy(name: string, environment: Environment, context: PolicyFiles, given?: GivenSigners): Promise<Policy> {
  const policy = await onePolicy(name, environment, context, given)
  const platform = given === undefined ? context.config.platform?.[name] : undefined
  if (platform === undefined) return policy
  const floor = await onePolicy(name, inRepository(environment.repository, platform), context)
  const both = {service: policy.digest, platform: floor.digest}
  return {...policy, digest: digestOf(both), texts: distinctTexts([policyText(both), ...partTexts('service', policy), ...partTexts('platform', floor)]), floor}
}

/** Without the repository nothing would tell a promoted image from one that was never promoted. */
function inRepository(repository: string | undefined, platform: Environment): Environment {
  return repository === undefined || platform.repository !== undefined ? platform : {...platform, repository}
}

async function onePolicy(name: string, environment: Environment, context: PolicyFiles, given?: GivenSigners): Promise<Policy> {
  const {requires, repository, approvals} = environment
  const base = {name, ...(repository !== undefined && {repository})}
  const valueWith = (files: Readonly<Record<string, string | undefined>>) => ({
    environment,
    images: context.config.images,
    ...(given !== undefined && digestible(given)),
    ...files,
  })
  if (requires === undefined) {
    const value = valueWith({})
    return {...base, digest: digestOf(value), texts: [policyText(value)], keys: given?.keys ?? []}
  }
  const {signature, ...rest} = requires
  if (given === undefined && signature === undefined)
    throw new AppError('policy.invalid', `environment ${name} names no keys: without \`requires.signature\` nobody's statements can be trusted`)

  const identities = given?.identities ?? signature?.identities ?? []
  const isRooted = identities.length > 0 || approvals?.by.some((approver) => 'identity' in approver) === true
  const root = isRooted ? await readTrustedRoot(`environment ${name}`, context) : undefined
  const authorities = await readTimestampAuthorities(authoritiesOf(name), signature?.['timestamp-authorities'] ?? [], context)
  const known = approvals === undefined ? undefined : await readPersons(context)
  const approval = await readApprovals(name, environment, known?.persons, context)
  const promotion = given === undefined ? await readPromotion(name, environment, context) : undefined
  const keys = given?.keys ?? (await pinnedKeys(`environments.${name}.requires.signature.keys`, signature?.keys ?? [], context))
  const value = valueWith({'trusted-root': root?.sha256, persons: known?.sha256})
  const judges = {keys, ...(approval !== undefined && {approvals: approval}), ...(promotion !== undefined && {promotion})}
  return {
    ...base,
    digest: digestOf(value),
    texts: [
      policyText(value),
      ...keyTexts(judges),
      ...rootTexts(root),
      ...authorities.map(({chain}, index) => namedText(`timestamp-authority-${index + 1}.pem`, Buffer.from(chain))),
      ...(known === undefined ? [] : [namedText('identities.yaml', known.bytes)]),
    ],
    keys,
    ...(identities.length > 0 && {identities}),
    ...(root !== undefined && {trustedRoot: root.json}),
    ...(authorities.length > 0 && {timestampAuthorities: authorities}),
    requires: rest,
    ...(approval !== undefined && {approvals: approval}),
    ...(promotion !== undefined && {promotion}),
    ...(known !== undefined && {persons: known.persons}),
  }
}

function digestible({keys, identities}: GivenSigners): object {
  return {...(keys.length > 0 && {keys: keys.map(({spki}) => `sha256:${spki}`)}), ...(identities.length > 0 && {identities})}
}

function rootTexts(root: TrustedRootFile | undefined): BlobInput[] {
  return root === undefined ? [] : [namedText('trusted-root.json', root.bytes)]
}

/** What a service and its platform ask for may have the same names. Keys go by their digests. */
function partTexts(part: 'service' | 'platform', {texts = []}: Policy): BlobInput[] {
  return texts.map((text) => (text.name.startsWith('key-') ? text : {...text, name: `${part}-${text.name}`}))
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
  if (all.length === 0 || request.key !== undefined || request.identity !== undefined) return undefined
  throw new AppError('usage.environment', `several environments could judge ${request.repository ?? 'this image'}: ${all.map(([name]) => name).join(', ')}`)
}

function noEnvironment({config}: Context): AppError {
  return config.file === undefined
    ? new AppError('config.missing', 'there is no hipaa-ci.yaml to say which keys to trust, and no --key', {
        fix: 'Add --key FILE, or: hipaa-ci init --generate-key',
      })
    : new AppError('usage.environment', `${config.file} has no environment, and no --key was given`, {fix: 'Add an environment, or --key FILE.'})
}

async function givenSigners({key, identity}: PolicyRequest, context: Context): Promise<GivenSigners | undefined> {
  if (key === undefined && identity === undefined) return undefined
  if (key !== undefined && /^([a-z0-9]+:\/\/|pkcs11:)/.test(key))
    throw new AppError('usage.flag', `--key ${key} is not a file, and a verdict asks no key service`, {
      fix: 'Give the public half as a file: --key cosign.pub.',
    })
  const keys = key === undefined ? [] : [await publicKeyFile(resolve(context.cwd, key.replace(/^file:/, '')), context)]
  return {keys: keys.map((one) => ({...one, status: 'active'})), identities: identity === undefined ? [] : [identity]}
}

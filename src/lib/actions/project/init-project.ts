/**
 * Sets a project up: `hipaa-ci.yaml`, on request a key pair, and what git must ignore.
 *
 * Everything that could refuse is asked first, the private key is ignored before
 * it exists, and the configuration that trusts it is written last.
 */
import {dirname, join, resolve} from 'node:path'
import {UNNAMED_SYSTEM} from '../../config/schema.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {parseStoreAddress} from '../../evidence/store-address.ts'
import {parseReference} from '../../images/reference.ts'
import {readPublicKey} from '../../policy/public-key.ts'
import type {SetupContext} from '../../ports/context.ts'
import type {TrustedKey} from '../../ports/signatures.ts'
import {configText, CONFIG_NAME, PRIVATE_KEY, PUBLIC_KEY} from './config-text.ts'
import {foundSealing, makeSealing, type InitSealing} from './init-sealing.ts'
import {ignoreInGit} from './ignore-in-git.ts'
import {makeKeyPair} from '../keys/make-key-pair.ts'
import {SEALING_KEY} from './sealing-text.ts'

export interface InitRequest {
  /** Default: the project's own name. */
  readonly system?: string
  /** Of the configuration; default `config`, else what HIPAA_CI_CONFIG names, else `hipaa-ci.yaml` in the working folder. */
  readonly file?: string
  /** Where other commands are told to read it. */
  readonly config?: string
  /** `HOST/REPO` that images of this project are signed for. */
  readonly repository?: string
  /** `folder:PATH` or `s3://BUCKET/PREFIX` */
  readonly store?: string
  readonly generateKey: boolean
  /** Replaces a configuration that is there; never a key. */
  readonly force: boolean
}

export interface InitResult {
  readonly exitCode: ExitCode
  /** Absolute paths. */
  readonly file: string
  readonly replaced: boolean
  readonly system: string
  readonly environment: 'local'
  /** The key that the environment trusts, made now or found; absent where nothing can pass yet. */
  readonly key?: {readonly made: boolean; readonly publicKey: string; readonly privateKey?: string; readonly spki: string}
  /** The key that seals the evidence, made now or found. */
  readonly sealing?: InitSealing
  /** Lines added to `.gitignore`. */
  readonly ignored: readonly string[]
  /** What to type next. */
  readonly next: readonly string[]
}

/** @throws AppError `config.exists`, `key.exists`, `key.unreadable`, `usage.*`, `tool.*` */
export async function initProject(request: InitRequest, context: SetupContext): Promise<InitResult> {
  const {project, cwd} = context
  const named = namedFile(request, context)
  const file = resolve(cwd, named ?? CONFIG_NAME)
  const folder = dirname(file)
  const [privateKey, publicKey] = [join(folder, PRIVATE_KEY), join(folder, PUBLIC_KEY)]
  const system = checkedSystem(request.system ?? context.name)
  checkRepository(request.repository)
  const store = storeFrom(request.store, cwd, folder)
  const old = await project.read(file)
  if (old !== undefined && !request.force) throw new AppError('config.exists', `${file} is there already`, {fix: 'Edit it, or add --force to replace it.'})
  const found = await foundKey(publicKey, context)
  const hasPrivate = (await project.read(privateKey)) !== undefined
  if (request.generateKey && (hasPrivate || found !== undefined)) throw new AppError('key.exists', `${hasPrivate ? privateKey : publicKey} is there already`)

  const sealed = await foundSealing(folder, context)
  const makesSealing = request.generateKey && sealed === undefined

  const keys = [...(request.generateKey || hasPrivate ? [PRIVATE_KEY] : []), ...(makesSealing || sealed?.privateKey !== undefined ? [SEALING_KEY] : [])]
  const {lines: ignored} = await ignoreInGit(folder, {keys, others: ['.hipaa-ci/']}, context)
  const key = request.generateKey ? await makeKeyPair(privateKey, publicKey, context) : found
  const signs = request.generateKey || hasPrivate
  const sealing = makesSealing ? await makeSealing(folder, system, context) : sealed
  const text = configText({
    system,
    signs,
    ...(sealing !== undefined && {sealing: {origin: sealing.origin, keys: [sealing.verifierKey], seals: sealing.privateKey !== undefined}}),
    ...(store !== undefined && {store}),
    ...(request.repository !== undefined && {repository: request.repository}),
    ...(key !== undefined && {spki: key.spki}),
  })
  await (old === undefined ? project.writeNew(file, Buffer.from(text), 0o644) : project.replace(file, Buffer.from(text)))
  return {
    exitCode: EXIT.ok,
    file,
    replaced: old !== undefined,
    system,
    environment: 'local',
    ...(key !== undefined && {key: {made: request.generateKey, publicKey, ...(signs && {privateKey}), spki: key.spki}}),
    ...(sealing !== undefined && {sealing}),
    ignored,
    next: nextSteps(request, named, key !== undefined && signs),
  }
}

function namedFile({file, config}: InitRequest, {variable}: SetupContext): string | undefined {
  if (file !== undefined && config !== undefined) throw new AppError('usage.flag', '--file and --config both say where to write')
  const named = file ?? config ?? variable('HIPAA_CI_CONFIG')
  if (named?.trim() === '')
    throw new AppError('usage.empty', `the name of the configuration is empty`, {fix: 'Give --file or HIPAA_CI_CONFIG a value, or leave it out.'})
  return named
}

function checkedSystem(name: string): string {
  const system = name.trim()
  if (system === '' || system.length > 256 || system === UNNAMED_SYSTEM || /\p{Cc}/u.test(system))
    throw new AppError('usage.flag', `${JSON.stringify(system)} cannot name a system`, {fix: 'hipaa-ci init --system NAME'})
  return system
}

function checkRepository(repository: string | undefined): void {
  if (repository === undefined) return
  const {tag, digest} = parseReference(repository)
  if (tag !== undefined || digest !== undefined) throw new AppError('usage.flag', `--repository ${repository} names an image; leave the tag and the digest out`)
}

/** As it is where it starts from the same folder; else absolute, so that it stays the place that was meant. */
function storeFrom(store: string | undefined, cwd: string, folder: string): string | undefined {
  if (store === undefined) return undefined
  const place = parseStoreAddress(store)
  return place.kind === 's3' || folder === cwd ? store : `folder:${resolve(cwd, place.path)}`
}

async function foundKey(publicKey: string, {project}: SetupContext): Promise<TrustedKey | undefined> {
  const bytes = await project.read(publicKey)
  if (bytes === undefined) return undefined
  const key = readPublicKey(new TextDecoder().decode(bytes))
  if (key === undefined)
    throw new AppError('key.unreadable', `${publicKey} is not an ECDSA P-256 public key`, {fix: 'Move it away, or put the right key there.'})
  return key
}

/**
 * The same again with a key writes the same file: it says what was said.
 * @param named where the file is not the one that is found by itself
 */
function nextSteps({system, repository, store}: InitRequest, named: string | undefined, canSign: boolean): string[] {
  const option = (name: string) => given(name, named)
  const image = `${repository ?? 'HOST/REPO'}@sha256:…`
  if (!canSign) {
    const same = `${given('system', system)}${given('repository', repository)}${given('store', store)}${option('file')}`
    return [`hipaa-ci init --force --generate-key${same}`, `hipaa-ci doctor${option('config')}`]
  }
  return ['doctor', `pipeline ${image}`, `verify ${image}`].map((command) => `hipaa-ci ${command}${option('config')}`)
}

function given(name: string, value: string | undefined): string {
  return value === undefined ? '' : ` --${name} ${shellWord(value)}`
}

function shellWord(text: string): string {
  return /^[\w./:@%+,=-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/**
 * Looks whether a place is fit to keep evidence, before any lies there. It writes no object.
 *
 * A bucket must keep versions and lock each by default, strictly, for seven years; what is wrong is all said at once, with
 * the Terraform that makes it right. What this role may not see was not checked, and is no pass. A folder is only made.
 */
import {relative} from 'node:path'
import {judgeBucket, type BucketJudgement} from '../../access/bucket-faults.ts'
import {mayShorten, type Loophole} from '../../access/may-shorten.ts'
import {principalsOf} from '../../access/principals.ts'
import {terraformText} from '../../access/terraform.ts'
import {editDocument} from '../../config/edit-document.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {folderPath, parseStoreAddress, storeAddressText, type S3Address} from '../../evidence/store-address.ts'
import type {Context} from '../../ports/context.ts'
import type {StoreSettings} from '../../ports/evidence-store.ts'
import {isWithinFolder} from '../within-folder.ts'
import {storePlaces} from './store-places.ts'

export interface InitStoreRequest {
  /** Puts `store` into the configuration that is there. */
  readonly write: boolean
}

export interface InitStoreResult {
  readonly exitCode: ExitCode
  /** Why the exit code is not 0. */
  readonly reason?: 'store.unfit' | 'store.refused'
  /** As the configuration names it. */
  readonly store: string
  readonly kind: 'bucket' | 'folder'
  readonly faults: BucketJudgement['faults']
  readonly unseen: BucketJudgement['unseen']
  readonly settings?: Omit<StoreSettings, 'policy'>
  /** Who may take evidence away by the bucket's policy; absent where it could not be read, or there is none to have. */
  readonly loopholes?: readonly Loophole[]
  /** What makes the bucket right, where it is not. */
  readonly terraform?: string
  /** The configuration that now names the store; absent where nothing was written. */
  readonly written?: string
}

/** @throws AppError `config.missing`, `store.*` */
export async function initStore({write}: InitStoreRequest, context: Context): Promise<InitStoreResult> {
  const place = parseStoreAddress(context.config.store)
  if (write && context.config.file === undefined) throw new AppError('config.missing', 'there is no hipaa-ci.yaml to write the store into')
  const result = place.kind === 's3' ? await judge(place, context) : await makeFolder(context)
  if (!write || result.exitCode !== EXIT.ok) return result
  return {...result, written: await writeStore(result.store, context)}
}

async function judge(place: S3Address, context: Context): Promise<InitStoreResult> {
  const store = storeAddressText(place)
  context.progress.step(`Looking at ${store}`)
  const {policy, ...settings} = await settingsOf(store, context)
  const {faults, unseen} = judgeBucket(settings)
  const loopholes = settings.refused.includes('policy') ? undefined : mayShorten(policy, place)
  const base = {store, kind: 'bucket' as const, faults, unseen, settings, ...(loopholes !== undefined && {loopholes})}
  if (faults.length > 0) {
    const terraform = terraformText({...storePlaces(context.config), principals: principalsOf(new Map(), context.config.writers), roles: []})
    return {...base, exitCode: EXIT.failed, reason: 'store.unfit', terraform}
  }
  return unseen.length > 0 ? {...base, exitCode: EXIT.unreachable, reason: 'store.refused'} : {...base, exitCode: EXIT.ok}
}

/** @throws AppError `store.*`; where there is no bucket, with what makes one */
async function settingsOf(store: string, context: Context): Promise<StoreSettings> {
  try {
    return await (await context.storeControls()).settings()
  } catch (error) {
    if (!(error instanceof AppError) || !(error.cause instanceof Error) || error.cause.name !== 'NoSuchBucket') throw error
    throw new AppError(error.code, error.message, {cause: error.cause, fix: `hipaa-ci store policy --format terraform --store '${store}'`})
  }
}

async function makeFolder({config, project}: Context): Promise<InitStoreResult> {
  const path = folderPath(config.store)
  await (await project()).makeFolder(path)
  const near = relative(config.root, path)
  const isBelow = near !== '' && isWithinFolder(config.root, path)
  return {exitCode: EXIT.ok, store: `folder:${isBelow ? near : path}`, kind: 'folder', faults: [], unseen: []}
}

/** @returns the file */
async function writeStore(store: string, {config, project}: Context): Promise<string> {
  const {file = ''} = config
  const files = await project()
  const text = Buffer.from((await files.read(file)) ?? []).toString('utf8')
  const edited = editDocument(text, [{path: ['store'], set: store}])
  if (edited !== text) await files.replace(file, Buffer.from(edited))
  return file
}

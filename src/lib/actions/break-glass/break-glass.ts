/** The four things that somebody may want of a broken glass, told apart by what they give; what belongs to another one is refused. */
import type {LongLived} from '../../config/schema.ts'
import {AppError} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import {exemptImage, type ExemptResult} from './exempt-image.ts'
import {listGlass, type GlassList} from './list-glass.ts'
import {providerDown, type ProviderDownResult} from './provider-down.ts'
import {reviewGlass, type ReviewResult} from './review-glass.ts'

/** By the names of the flags; undefined where one was not given. */
export interface BreakGlassRequest {
  readonly image?: string | undefined
  readonly cluster?: string | undefined
  readonly namespace?: string | undefined
  readonly reason?: string | undefined
  readonly incident?: string | undefined
  /** Milliseconds. */
  readonly lasts?: number | undefined
  readonly key?: string | undefined
  readonly allowLongLived?: readonly LongLived[] | undefined
  readonly providerDown: boolean
  readonly from?: Date | undefined
  readonly until?: Date | undefined
  readonly list: boolean
  /** Id of a record. */
  readonly review?: string | undefined
  readonly by?: string | undefined
}

export type BreakGlassResult =
  | ({readonly what: 'exemption'} & ExemptResult)
  | ({readonly what: 'provider-down'} & ProviderDownResult)
  | ({readonly what: 'list'} & GlassList)
  | ({readonly what: 'review'} & ReviewResult)

type Given = Readonly<Record<string, unknown>>

/** @throws AppError `usage.flag`, and what each of them throws */
export async function breakGlass(request: BreakGlassRequest, context: Context): Promise<BreakGlassResult> {
  const {image, cluster, namespace, reason, incident, lasts, key, allowLongLived, from, until, review, by} = request
  const place = {'--cluster': cluster, '--reason': reason, '--incident': incident}
  const own = {IMAGE: image, '--namespace': namespace, '--key': key, '--allow-long-lived': allowLongLived}
  const time = {'--for': lasts, '--from': from, '--until': until}
  if (request.list) {
    refuse('--list', {...place, ...own, ...time})
    return {what: 'list', ...(await listGlass(context))}
  }
  if (review !== undefined) {
    refuse('--review', {...place, ...own, ...time})
    demand('--review', {'--by': by})
    return {what: 'review', ...(await reviewGlass({record: review, by: by ?? ''}, context))}
  }
  if (request.providerDown) {
    refuse('--provider-down', own)
    demand('--provider-down', place)
    const when = {...(lasts !== undefined && {lasts}), ...(from !== undefined && {from}), ...(until !== undefined && {until})}
    return {what: 'provider-down', ...(await providerDown({cluster: cluster ?? '', reason: reason ?? '', incident: incident ?? '', ...when}, context))}
  }
  if (image === undefined)
    throw new AppError('usage.flag', 'it is not clear what is wanted: no image is named, nor --provider-down, --list or --review', {
      fix: 'hipaa-ci admission break-glass --help',
    })
  demand('an exemption', {...place, '--namespace': namespace, '--for': lasts, '--key': key})
  const wish = {image, cluster: cluster ?? '', namespace: namespace ?? '', reason: reason ?? '', incident: incident ?? '', lasts: lasts ?? 0, key: key ?? ''}
  return {what: 'exemption', ...(await exemptImage({...wish, ...(allowLongLived !== undefined && {allowLongLived})}, context))}
}

function demand(what: string, needed: Given): void {
  const missing = Object.keys(needed).filter((name) => needed[name] === undefined)
  if (missing.length > 0) throw new AppError('usage.flag', `${what} needs ${missing.join(', ')}`)
}

function refuse(what: string, others: Given): void {
  const given = Object.keys(others).filter((name) => others[name] !== undefined)
  if (given.length > 0) throw new AppError('usage.flag', `${what} does not go with ${given.join(', ')}`)
}

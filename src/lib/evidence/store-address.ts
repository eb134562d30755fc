/**
 * Where evidence lies: `folder:PATH`, or `s3://BUCKET[/PREFIX][?region=R][&endpoint=URL]`. Pure.
 *
 * `endpoint` is another server that speaks S3; https, or http on this machine. Credentials never stand in an address.
 */
import {AppError} from '../errors.ts'
import {addressFault} from './web-address.ts'

export interface S3Address {
  readonly kind: 's3'
  readonly bucket: string
  /** Empty, or with a final slash. */
  readonly prefix: string
  readonly region?: string
  readonly endpoint?: string
}

export type StoreAddress = {readonly kind: 'folder'; readonly path: string} | S3Address

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
const PREFIX = /^[A-Za-z0-9=_-][A-Za-z0-9.=_-]*(?:\/[A-Za-z0-9=_-][A-Za-z0-9.=_-]*)*\/?$/
const REGION = /^[a-z]{2}(?:-[a-z0-9]+){1,4}$/

/** @throws AppError `store.unsupported` */
export function parseStoreAddress(address: string): StoreAddress {
  refusePath(address)
  const path = /^folder:(.+)$/s.exec(address)?.[1]
  if (path !== undefined) return {kind: 'folder', path}
  const [, bucket = '', prefix = '', query = ''] = /^s3:\/\/([^/?]+)(?:\/([^?]*))?(?:\?(.*))?$/.exec(address) ?? []
  if (bucket === '') throw unsupported(address)
  const faults = [
    ...(BUCKET.test(bucket) ? [] : [`${JSON.stringify(bucket)} is not the name of a bucket`]),
    ...(prefix === '' || PREFIX.test(prefix) ? [] : [`${JSON.stringify(prefix)} is not a prefix: use letters, digits and . _ = -, between slashes`]),
  ]
  const options = readOptions(query, faults)
  if (faults.length > 0) throw new AppError('store.unsupported', `${address}: ${faults.join('; ')}`, {fix: FIX})
  return {kind: 's3', bucket, prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`, ...options}
}

/** The path of a folder's address. @throws AppError `store.unsupported` */
export function folderPath(address: string): string {
  refusePath(address)
  const path = /^folder:(.+)$/s.exec(address)?.[1]
  if (path === undefined) throw new AppError('store.unsupported', `${address} is not a folder`, {fix: 'Use folder:PATH.'})
  return path
}

/** A bare path, most likely meant as a folder's. @throws AppError `store.unsupported`, with the address to write */
export function refusePath(address: string): void {
  if (address !== '' && !/^[a-z][a-z0-9+]*:/i.test(address)) throw unsupported(address, `Use folder:${address}`)
}

/** Why it is none; undefined where it is one. */
export function storeAddressFault(address: string): string | undefined {
  try {
    parseStoreAddress(address)
    return undefined
  } catch (error) {
    if (error instanceof AppError) return `must be folder:PATH or s3://BUCKET/PREFIX?region=REGION${detailOf(error.message, address)}`
    throw error
  }
}

/** What is wrong with a bucket's name, prefix or options. */
function detailOf(message: string, address: string): string {
  return message.startsWith(`${address}: `) ? message.slice(address.length) : ''
}

/** As one writes it: what `parseStoreAddress` reads again. */
export function storeAddressText(address: StoreAddress): string {
  if (address.kind === 'folder') return `folder:${address.path}`
  const {bucket, prefix, region, endpoint} = address
  const options = [...(region === undefined ? [] : [`region=${region}`]), ...(endpoint === undefined ? [] : [`endpoint=${endpoint}`])]
  return `s3://${bucket}${prefix === '' ? '' : `/${prefix.slice(0, -1)}`}${options.length === 0 ? '' : `?${options.join('&')}`}`
}

/** What a store is called on every machine: without region and endpoint. */
export function storeName(address: string): string {
  const place = parseStoreAddress(address)
  return storeAddressText(place.kind === 'folder' ? place : {kind: 's3', bucket: place.bucket, prefix: place.prefix})
}

const FIX = 'Use folder:PATH or s3://BUCKET/PREFIX?region=REGION.'

function readOptions(query: string, faults: string[]): Pick<S3Address, 'region' | 'endpoint'> {
  const options: {region?: string; endpoint?: string} = {}
  for (const [name, value] of new URLSearchParams(query)) {
    if (name === 'region' && REGION.test(value)) options.region = value
    else if (name === 'endpoint' && addressFault(value) === undefined && /^https?:/.test(value)) options.endpoint = value.replace(/\/+$/, '')
    else faults.push(`${name}=${value} is not an option of a bucket: there are region and endpoint`)
  }
  return options
}

function unsupported(address: string, fix = FIX): AppError {
  return new AppError('store.unsupported', `${address} is not a place that this version can use`, {fix})
}

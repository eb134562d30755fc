/** What an earlier run wrote, read again: which authorities are trusted, and the certificate that is in use. */
import {parse} from 'yaml'
import {z} from 'zod'
import {AppError} from '../../errors.ts'
import type {KeyPair} from './certificates.ts'

const Provider = z.looseObject({kind: z.literal('Provider'), spec: z.looseObject({caBundle: z.base64()})})
const Secret = z.looseObject({kind: z.literal('Secret'), stringData: z.looseObject({'tls.crt': z.string(), 'tls.key': z.string()})})

/** @returns PEM. @throws AppError `usage.input` where the file is something else */
export function trustedAuthorities(text: string, path: string): readonly string[] {
  const {spec} = read(Provider, text, path)
  return pemBlocks(Buffer.from(spec.caBundle, 'base64').toString())
}

/** @throws AppError `usage.input` where the file is something else */
export function certificateInUse(text: string, path: string): KeyPair {
  const {stringData} = read(Secret, text, path)
  return {certificate: stringData['tls.crt'], key: stringData['tls.key']}
}

/** Each certificate of a PEM text. */
export function pemBlocks(text: string): readonly string[] {
  return [...text.matchAll(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g)].map(([block]) => `${block}\n`)
}

function read<T>(schema: z.ZodType<T>, text: string, path: string): T {
  try {
    return schema.parse(parse(text))
  } catch (cause) {
    throw new AppError('usage.input', `${path} is not what an earlier install wrote`, {cause, fix: 'Name another folder by --out, or remove the file.'})
  }
}

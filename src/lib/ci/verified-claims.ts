/** The claims of a token whose signature is verified, made to fit: what is missing or odd in them is refused, never bent. Pure. */
import {z} from 'zod'
import {AppError} from '../errors.ts'

export type Claims = Readonly<Record<string, unknown>>

const text = (pattern: RegExp, max: number) => z.string().max(max).regex(pattern)

/** `acme/app`, or with more groups above. */
export const ProjectPath = text(/^[\w.-]+(?:\/[\w.-]+)+$/, 255)
export const GitRef = text(/^refs\/[^\s\p{Cc}]+$/u, 255)
export const CommitClaim = text(/^[0-9a-f]{40}([0-9a-f]{24})?$/, 64)
export const NumberClaim = z.union([z.int().min(0), text(/^\d+$/, 20)]).transform(String)
export const WordClaim = text(/^[\w-]+$/, 64)
/** `acme/app/.github/workflows/build.yml@refs/heads/main`: a file of a repository at a ref. */
export const FileAtRef = text(/^[\w.-]+(?:\/[^\s\p{Cc}]+)+@[^\s\p{Cc}]+$/u, 512)
export const LoginClaim = text(/^[^\s\p{Cc}\p{Cf}]+$/u, 256)

/** @throws AppError `identity.invalid` naming the claim */
export function readClaims<T extends z.ZodType>(schema: T, claims: Claims): z.infer<T> {
  const parsed = schema.safeParse(claims)
  if (parsed.success) return parsed.data
  const claim = String(parsed.error.issues[0]?.path[0] ?? '')
  const is = Object.hasOwn(claims, claim) ? 'is not what this platform writes' : 'is missing'
  throw new AppError('identity.invalid', `the identity token does not say which job it is for: its claim ${claim} ${is}`)
}

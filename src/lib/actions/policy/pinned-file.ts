/** A file that the configuration names as `PATH` or `PATH@sha256:…`: with a digest it is that file, or none. */
import {resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import {splitPin} from '../../evidence/pinned-file.ts'
import {sha256Hex} from '../../evidence/record.ts'
import type {Context} from '../../ports/context.ts'

/** All that it takes to read a policy: what names the files, and the files. */
export type PolicyFiles = Pick<Context, 'config' | 'files'>

export interface PinnedBytes {
  /** Absolute. */
  readonly path: string
  readonly bytes: Uint8Array
}

/** @param key that names it, for messages. @param fix where it is not there. @throws AppError `policy.invalid` */
export async function pinnedFile(named: string, key: string, {config, files}: PolicyFiles, fix?: string): Promise<PinnedBytes> {
  const {file, sha256} = splitPin(named)
  const path = resolve(config.root, file)
  if (!(await files.exists(path))) throw new AppError('policy.invalid', `there is no file ${path}, which \`${key}\` names`, {...(fix !== undefined && {fix})})
  const bytes = await files.read(path)
  const actual = sha256Hex(bytes)
  if (sha256 !== undefined && actual !== sha256) throw new AppError('policy.invalid', `${path} is sha256:${actual}, and \`${key}\` pins sha256:${sha256}`)
  return {path, bytes}
}

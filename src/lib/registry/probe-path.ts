/** What lies at a path: the file system's part of parsing a target. */
import type {Stats} from 'node:fs'
import {open, stat} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import process from 'node:process'
import {AppError} from '../errors.ts'
import type {PathFacts} from '../images/target.ts'
import {errorCode} from './error-code.ts'
import {tarMembers} from './tar-members.ts'

/** @param cwd what relative paths start from */
export async function probePath(path: string, cwd = process.cwd()): Promise<PathFacts> {
  const absolute = resolve(cwd, path)
  const stats = await statIfThere(absolute)
  if (stats === undefined) return {kind: 'absent', path: absolute}
  if (stats.isDirectory()) return {kind: (await isFile(join(absolute, 'oci-layout'))) ? 'layout' : 'folder', path: absolute}
  return {kind: stats.isFile() ? await archiveKind(absolute) : 'other-file', path: absolute}
}

async function isFile(path: string): Promise<boolean> {
  return (await statIfThere(path))?.isFile() ?? false
}

/** @throws AppError `usage.target` where something may be there, but cannot be looked at */
async function statIfThere(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path)
  } catch (error) {
    const code = errorCode(error)
    // A long image reference is no possible file name.
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return undefined
    throw new AppError('usage.target', `${path} cannot be read: ${code}`, {cause: error})
  }
}

/** Newer Docker writes both forms into one tar: the one with digests is preferred. */
async function archiveKind(path: string): Promise<'oci-archive' | 'docker-archive' | 'other-file'> {
  const file = await open(path, 'r')
  try {
    let kind: 'docker-archive' | 'other-file' = 'other-file'
    for await (const {name} of tarMembers(file)) {
      if (name === 'oci-layout') return 'oci-archive'
      if (name === 'manifest.json') kind = 'docker-archive'
    }
    return kind
  } finally {
    await file.close()
  }
}

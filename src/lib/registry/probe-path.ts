/** What lies at a path: the file system's part of parsing a target. */
import {statSync, type Stats} from 'node:fs'
import {open} from 'node:fs/promises'
import {join, resolve} from 'node:path'
import process from 'node:process'
import {AppError} from '../errors.ts'
import type {PathFacts} from '../images/target.ts'
import {errorCode} from './error-code.ts'
import {tarMembers} from './tar-members.ts'

/** @param cwd what relative paths start from */
export async function probePath(path: string, cwd = process.cwd()): Promise<PathFacts> {
  const absolute = resolve(cwd, path)
  const stats = statIfThere(absolute)
  if (stats === undefined) return {kind: 'absent', path: absolute}
  if (stats.isDirectory()) return {kind: isFile(join(absolute, 'oci-layout')) ? 'layout' : 'folder', path: absolute}
  return {kind: stats.isFile() ? await archiveKind(absolute) : 'other-file', path: absolute}
}

function isFile(path: string): boolean {
  return statIfThere(path)?.isFile() ?? false
}

/** At once: a reference is looked at as three paths, and to wait for each takes ten times as long. @throws AppError `usage.target` where something may be there, but cannot be looked at */
function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path, {throwIfNoEntry: false})
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

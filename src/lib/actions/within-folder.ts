/** Whether one path lies in a folder, or is it. By their texts alone: links are not followed. */
import {isAbsolute, relative, sep} from 'node:path'

/** @param path absolute, as `folder` is */
export function isWithinFolder(folder: string, path: string): boolean {
  const from = relative(folder, path)
  return !isAbsolute(from) && from !== '..' && !from.startsWith(`..${sep}`)
}

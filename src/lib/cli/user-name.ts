/** Who this machine says that we are. In a container the number of the user need not stand for a name. */
import {userInfo} from 'node:os'

/** @returns '' where the operating system knows no name */
export function userName(): string {
  try {
    return userInfo().username
  } catch {
    return ''
  }
}

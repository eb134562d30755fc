/** Reads what a real tool wrote: `test/recordings/<tool>@<version>/<name>`. */
import {readFileSync} from 'node:fs'

export function recording(name: string): Buffer {
  return readFileSync(new URL(`../recordings/${name}`, import.meta.url))
}

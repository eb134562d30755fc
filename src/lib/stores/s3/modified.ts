/** When a version came to be, by the bucket's clock. */

/** In whole seconds, as every answer about an object has it: a list of some servers is finer, and would contradict it. */
export function modified(time: Date | undefined): string {
  return new Date(Math.floor((time?.getTime() ?? 0) / 1000) * 1000).toISOString()
}

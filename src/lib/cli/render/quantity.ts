/** `1 package`, `2 packages`. @param noun one that takes an s */
export function quantity(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

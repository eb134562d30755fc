/** Replaces what stands between two marks of a Markdown text. Pure. */

/**
 * @param name what the marks say: `<!-- NAME: written by npm run docs -->` and `<!-- /NAME -->`
 * @throws Error where the marks are not there, or not once
 */
export function withSection(markdown: string, name: string, content: string): string {
  const begin = `<!-- ${name}: written by npm run docs -->`
  const end = `<!-- /${name} -->`
  const parts = markdown.split(begin)
  const rest = parts[1]?.split(end)
  if (parts.length !== 2 || rest?.length !== 2) throw new Error(`expected "${begin}" and "${end}" once each`)
  return `${parts[0]}${begin}\n\n${content}\n\n${end}${rest[1]}`
}

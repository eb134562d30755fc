/** The licences of the packages whose code a build holds: they go along with it. */
import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {z} from 'zod'

const Package = z.looseObject({
  name: z.string(),
  version: z.string(),
  license: z.string(),
  author: z.union([z.string(), z.looseObject({name: z.string()})]).optional(),
})
const TEXTS = /^(?:licen[cs]e|copying|notice)(?:[.-].*)?$/i

/**
 * @param modules absolute paths of files that were put into the build
 * @throws Error where a package does not say its licence
 */
export function thirdPartyNotices(modules: readonly string[]): string {
  const packages = [...new Set(modules.flatMap((file) => packageFolder(file) ?? []))].map(readPackage)
  const parts = packages
    .toSorted((a, b) => (a.title < b.title ? -1 : 1))
    .map(({title, license, text}) => `${'-'.repeat(80)}\n${title}\nLicence: ${license}\n\n${text}\n`)
  return `Code of these packages is part of hipaa-ci, each under its own licence.\n\n${parts.join('\n')}`
}

/** `NAME@VERSION` of each package in such a text. */
export function bundledPackages(notices: string): readonly string[] {
  return [...notices.matchAll(/^-{80}\n(\S+@\S+)\nLicence: /gm)].map(([, title = '']) => title)
}

/** The innermost package that `file` belongs to; undefined of our own. */
export function packageFolder(file: string): string | undefined {
  return /^.*[/\\]node_modules[/\\](?:@[^/\\]+[/\\])?[^/\\]+/.exec(file.replace(/^\0/, ''))?.[0]
}

function readPackage(folder: string): {title: string; license: string; text: string} {
  const {name, version, license, author} = Package.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
  const files = readdirSync(folder).filter((file) => TEXTS.test(file))
  const texts = files.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim())
  const by = typeof author === 'string' ? author : author?.name
  // A licence that is named and not written out: what there is to say is by whom.
  return {
    title: `${name}@${version}`,
    license,
    text: texts.length > 0 ? texts.join('\n\n') : `By ${by ?? 'its authors'}; the package names its licence, and holds no text of it.`,
  }
}

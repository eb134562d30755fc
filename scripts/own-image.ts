/**
 * `npm run image`: the image of hipaa-ci itself as an OCI layout, without Docker (docs/image.md).
 *
 *   npm run image -- --base DIR --out DIR [--revision COMMIT]    on an OCI layout that holds the base
 *   npm run image -- --tree DIR                                  its files alone, for the Dockerfile
 *
 * SOURCE_DATE_EPOCH (seconds) is the time that the image says it was made at; without it that is 1970, so that the same
 * files give the same image. Prints the digest. Needs a build.
 */
import {chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {z} from 'zod'
import {createLayout, openLayout} from '../src/lib/registry/layout.ts'
import {ownFiles} from './image/own-files.ts'
import {buildOwnImage} from './image/own-image.ts'
import type {FileMap} from './image/tar.ts'

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
const Package = z.looseObject({name: z.string(), version: z.string(), description: z.string(), license: z.string()})

try {
  const said = await make()
  process.stdout.write(`${said}\n`)
} catch (error) {
  process.stderr.write(`✖ ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 2
}

async function make(): Promise<string> {
  const {base, out, tree, revision} = parseArgs({
    options: {base: {type: 'string'}, out: {type: 'string'}, tree: {type: 'string'}, revision: {type: 'string'}},
  }).values
  if (tree !== undefined) {
    if (base !== undefined || out !== undefined || revision !== undefined) throw new Error('--tree goes alone')
    const folder = fresh(tree)
    return `${writeTree(folder, ownFiles(root))} files below ${folder}`
  }
  if (!base || !out) throw new Error('--base and --out are needed, or --tree')
  if (revision !== undefined && !/^[0-9a-f]{40}$/.test(revision)) throw new Error(`--revision is no commit: ${JSON.stringify(revision)}`)
  const created = madeAt(process.env['SOURCE_DATE_EPOCH'])
  const from = await openLayout(base)
  const files = ownFiles(root)
  const {version, description, license} = Package.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  const sink = await createLayout(fresh(out))
  const labels = {
    'org.opencontainers.image.title': 'hipaa-ci',
    'org.opencontainers.image.description': description,
    'org.opencontainers.image.version': version,
    'org.opencontainers.image.licenses': license,
    ...(revision !== undefined && {'org.opencontainers.image.revision': revision}),
  }
  return (await buildOwnImage(from, sink, {files, labels, created, tag: version})).digest
}

/** What lies there already would be taken for a part of the image. */
function fresh(folder: string): string {
  if (folder === '' || existsSync(folder)) throw new Error(`must be the name of a folder that is not there yet: ${JSON.stringify(folder)}`)
  return folder
}

/** @throws Error: a time that is not what it was meant to be makes another image */
function madeAt(seconds: string | undefined): string {
  if (seconds !== undefined && !/^\d{1,11}$/.test(seconds)) throw new Error(`SOURCE_DATE_EPOCH is no number of seconds: ${JSON.stringify(seconds)}`)
  return new Date(Number(seconds ?? 0) * 1000).toISOString().replace('.000Z', 'Z')
}

function writeTree(folder: string, files: FileMap): number {
  for (const [path, file] of Object.entries(files)) {
    const target = join(folder, path)
    mkdirSync(dirname(target), {recursive: true})
    const {content, mode} = typeof file === 'string' || file instanceof Uint8Array ? {content: file, mode: 0o644} : file
    writeFileSync(target, content)
    chmodSync(target, mode)
  }
  return Object.keys(files).length
}

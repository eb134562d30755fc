/**
 * `src` and the packages that it uses, as few files in `dist`: a command then starts in half the time (docs/adr/0019).
 *
 * oclif finds the commands where it would find them unbundled. What several of them use lies in `dist/lib/shared`, at
 * the depth of the modules themselves, so that an address which one of them builds from its own stays right.
 */
import {readdirSync} from 'node:fs'
import {join} from 'node:path'
import {rolldown} from 'rolldown'

/** Installed beside us: with parts that are no JavaScript, or of many megabytes that few commands need. */
export const BESIDE = [/^@duckdb\//, /^@aws-sdk\//]
const EXTERNAL = [...BESIDE, /^node:/]
const ENTRIES = ['index', 'lib/cli/run-command']
const FOLDERS = ['commands', 'lib/cli/hooks']

/** @returns the files that went in, of `src` and of packages, absolute */
export async function bundle(root: string): Promise<readonly string[]> {
  const src = join(root, 'src')
  const found = FOLDERS.flatMap((folder) =>
    readdirSync(join(src, folder), {recursive: true, encoding: 'utf8'})
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(folder, file.slice(0, -'.ts'.length))),
  )
  const build = await rolldown({
    input: Object.fromEntries([...ENTRIES, ...found].map((name) => [name, join(src, `${name}.ts`)])),
    platform: 'node',
    external: EXTERNAL,
    // Loaded statically elsewhere, or not: where a module lies is for the bundler to find out.
    onLog: (level, log, handle) => void (log.code === 'INEFFECTIVE_DYNAMIC_IMPORT' || handle(level === 'warn' ? 'error' : level, log)),
  })
  try {
    const {output} = await build.write({
      dir: join(root, 'dist'),
      format: 'esm',
      entryFileNames: '[name].js',
      chunkFileNames: 'lib/shared/[name]-[hash].js',
      comments: false,
      sourcemap: true,
    })
    return output.flatMap((chunk) => (chunk.type === 'chunk' ? Object.keys(chunk.modules) : []))
  } finally {
    await build.close()
  }
}

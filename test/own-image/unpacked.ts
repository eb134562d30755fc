/** The image of hipaa-ci itself, unpacked into a folder and made read-only, and started there as its configuration says. */
import {execFileSync, spawn, type ChildProcess} from 'node:child_process'
import {chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import process from 'node:process'
import {z} from 'zod'
import {openLayout} from '../../src/lib/registry/layout.ts'

const Config = z.looseObject({
  config: z.looseObject({
    Entrypoint: z.array(z.string()),
    Cmd: z.undefined().optional(),
    Env: z.array(z.string()),
    User: z.string(),
    WorkingDir: z.string(),
    Labels: z.record(z.string(), z.string()),
  }),
})
type Settings = z.infer<typeof Config>['config']

export interface Unpacked {
  readonly root: string
  readonly settings: Settings
  /** Every file and folder of it: kind, mode, size, time of the last change. */
  listing(): string
  /** As the user of the image where that can be; with these variables beside its own, and none of ours. */
  start(args: readonly string[], options: {readonly cwd: string; readonly env: Readonly<Record<string, string>>}): ChildProcess
}

/** @param layout of one platform */
export async function unpack(layout: string, root: string): Promise<Unpacked> {
  const store = await openLayout(layout)
  const {json} = await store.resolve('')
  mkdirSync(root)
  for (const {digest} of json.layers ?? []) execFileSync('tar', ['-xzf', join(layout, 'blobs', digest.replace(':', '/')), '-C', root, '--no-same-owner'])
  const {digest = ''} = json.config ?? {}
  const {config: settings} = Config.parse(JSON.parse(readFileSync(join(layout, 'blobs', digest.replace(':', '/')), 'utf8')))
  execFileSync('chmod', ['-R', 'a-w', root])
  const [program = '', ...first] = settings.Entrypoint.map((path) => join(root, path))
  return {
    root,
    settings,
    listing: () => listingOf(root),
    start: (args, {cwd, env}) =>
      spawn(program, [...first, ...args], {
        cwd,
        env: {...Object.fromEntries(settings.Env.map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)])), ...env},
        stdio: ['ignore', 'pipe', 'pipe'],
        ...asUser(settings),
      }),
  }
}

/** Only root can become another user; anybody else is no root to begin with. */
export function asUser({User: user}: Pick<Settings, 'User'>): {readonly uid?: number; readonly gid?: number} {
  const [uid, gid] = user.split(':').map(Number)
  return process.getuid?.() === 0 && uid !== undefined && gid !== undefined ? {uid, gid} : {}
}

/** Of what has to be written to. */
export function makeWritable(folder: string, {uid, gid}: ReturnType<typeof asUser>): void {
  mkdirSync(folder, {recursive: true})
  chmodSync(folder, 0o755)
  if (uid !== undefined) execFileSync('chown', [`${uid}:${gid ?? uid}`, folder])
}

export function listingOf(folder: string): string {
  const names = readdirSync(folder, {recursive: true, encoding: 'utf8'}).toSorted()
  return names
    .map((name) => {
      const {mode, size, mtimeMs} = lstatSync(join(folder, name))
      return `${name} ${mode.toString(8)} ${size} ${mtimeMs}`
    })
    .join('\n')
}

/** The image of hipaa-ci itself is made: the same bytes twice, the same files as by the Dockerfile's steps, of a base that can start it, and nothing by halves. */
import assert from 'node:assert/strict'
import {execFileSync} from 'node:child_process'
import {existsSync, cpSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {builtinModules} from 'node:module'
import {join} from 'node:path'
import process from 'node:process'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {buildIndex, writeLayout, type OciImage} from '../../scripts/image/build-image.ts'
import {ENTRYPOINT, USER} from '../../scripts/image/own-image.ts'
import {run} from '../../src/lib/process.ts'
import {openLayout} from '../../src/lib/registry/layout.ts'
import {nodeBase} from '../own-image/node-base.ts'
import {scratch} from '../scratch.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
/** It is not started here. */
const node = Buffer.from('synthetic')
const COMMIT = '0123456789abcdef0123456789abcdef01234567'
const Config = z.looseObject({
  created: z.string(),
  architecture: z.string(),
  rootfs: z.looseObject({diff_ids: z.array(z.string())}),
  history: z.array(z.unknown()),
  config: z.looseObject({
    User: z.string(),
    Entrypoint: z.array(z.string()),
    Env: z.array(z.string()),
    Cmd: z.unknown().optional(),
    Labels: z.record(z.string(), z.string()),
  }),
})

describe('the image of hipaa-ci itself, made without Docker', function () {
  this.timeout(180_000)
  const folder = scratch()

  const make = async (args: readonly string[], {cwd = root, env = {}}: {readonly cwd?: string; readonly env?: Readonly<Record<string, string>>} = {}) => {
    const result = await run([process.execPath, join(cwd, 'scripts/own-image.ts'), ...args], {cwd, env, timeout: 120_000})
    return result.kind === 'exited' ? result : assert.fail(JSON.stringify(result))
  }
  const base = async (image: OciImage) => {
    const path = join(folder(), `base-${image.descriptor.digest.slice(-12)}`)
    if (!existsSync(path)) await writeLayout(path, image)
    return path
  }
  const configOf = async (layout: string, reference = '') => {
    const store = await openLayout(layout)
    const {json} = await store.resolve(reference)
    assert.ok(json.config)
    return Config.parse(JSON.parse(Buffer.from(await store.blob(json.config)).toString()))
  }

  it('is the same to the byte when it is made twice, and says of what and when', async () => {
    const from = nodeBase({node, config: {Cmd: ['synthetic']}})
    const env = {SOURCE_DATE_EPOCH: '1790000000'}
    const [one, two, undated] = ['one', 'two', 'undated'].map((name) => join(folder(), name)) as [string, string, string]
    const made = await make(['--base', await base(from), '--out', one, '--revision', COMMIT], {env})
    assert.equal(made.exitCode, 0, made.stderr)
    assert.equal((await make(['--base', await base(from), '--out', two, '--revision', COMMIT], {env})).stdout, made.stdout)
    assert.equal((await make(['--base', await base(from), '--out', undated, '--revision', COMMIT])).exitCode, 0)
    assert.deepEqual(blobs(one), blobs(two))
    assert.equal(made.stdout.trim(), (await (await openLayout(one)).resolve('')).descriptor.digest)

    const {created, config, rootfs, history} = await configOf(one)
    assert.equal(created, '2026-09-21T14:13:20Z')
    assert.deepEqual([config.User, config.Entrypoint, config.Cmd], [USER, ENTRYPOINT, undefined])
    assert.deepEqual(config.Env, ['PATH=/usr/bin', 'NODE_ENV=production', 'NODE_DISABLE_COMPILE_CACHE=1'])
    assert.deepEqual([rootfs.diff_ids.length, history.length], [3, 3])
    const {version} = z.looseObject({version: z.string()}).parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
    const {Labels: labels} = config
    const label = (name: string) => labels[`org.opencontainers.image.${name}`]
    assert.deepEqual(
      [label('title'), label('version'), label('revision'), label('created'), label('base.digest'), labels['org.example.base']],
      ['hipaa-ci', version, COMMIT, created, from.descriptor.digest, 'synthetic'],
    )
    assert.equal((await configOf(undated)).created, '1970-01-01T00:00:00Z')
  })

  it('is there for each platform of its base, with one layer for all', async () => {
    const out = join(folder(), 'index')
    const from = buildIndex([nodeBase({node}), nodeBase({node, architecture: 'arm64'})])
    const made = await make(['--base', await base(from), '--out', out])
    assert.equal(made.exitCode, 0, made.stderr)
    const store = await openLayout(out)
    const {json} = await store.resolve('')
    const platforms = json.manifests ?? []
    assert.deepEqual(
      platforms.map(({platform}) => platform?.architecture),
      ['amd64', 'arm64'],
    )
    const configs = await Promise.all(platforms.map(async ({digest}) => configOf(out, digest)))
    assert.deepEqual(
      configs.map(({architecture}) => architecture),
      ['amd64', 'arm64'],
    )
    const layers = await Promise.all(platforms.map(async ({digest}) => (await store.resolve(digest)).json.layers?.at(-1)?.digest))
    assert.equal(new Set(layers).size, 1)
  })

  it('is not made on what cannot start it, over what is there, or with a flag that says nothing', async () => {
    const good = await base(nodeBase({node}))
    const shell = await base(nodeBase({node, config: {Entrypoint: ['/bin/sh']}}))
    const swapped = await base(nodeBase({node, config: {WorkingDir: '/swapped'}}))
    const [layer = assert.fail()] = nodeBase({node}).blobs.keys()
    writeFileSync(join(swapped, 'blobs', layer.replace(':', '/')), 'another layer')
    const out = join(folder(), 'refused')
    for (const [args, said, env] of [
      [['--base', shell, '--out', out], /does not start \/nodejs\/bin\/node/],
      [['--base', join(folder(), 'nowhere'), '--out', out], /there is no folder/],
      [['--base', swapped, '--out', `${out}-swapped`], new RegExp(layer)],
      [['--base', good, '--out', good], /not there yet/],
      [['--base', '', '--out', out], /are needed/],
      [['--base', good], /are needed/],
      [['--tree', ''], /not there yet/],
      [['--base', good, '--out', out, '--revision', 'main'], /no commit/],
      [['--base', good, '--out', out, '--tag', 'x'], /tag/],
      [['--base', good, '--out', `${out}-dated`], /SOURCE_DATE_EPOCH/, {SOURCE_DATE_EPOCH: ''}],
    ] as const) {
      const {exitCode, stdout, stderr} = await make(args, env === undefined ? {} : {env})
      assert.deepEqual([exitCode, stdout], [2, ''], args.join(' '))
      assert.match(stderr, said)
    }
    for (const half of [out, `${out}-swapped`])
      assert.equal(existsSync(join(half, 'index.json')) && readFileSync(join(half, 'index.json'), 'utf8').includes('sha256:'), false)
  })

  it('holds all that its code imports, but the engine that no server needs, and the name of every package that is bundled', async () => {
    const tree = join(folder(), 'tree')
    assert.equal((await make(['--tree', tree])).exitCode, 0)
    const app = join(tree, 'app')
    const scripts = readdirSync(app, {recursive: true, encoding: 'utf8'}).filter((file) => /^(?:bin|dist)\/.*\.js$/.test(file))
    const imported = scripts.flatMap((file) =>
      Array.from(
        readFileSync(join(app, file), 'utf8').matchAll(/(?:^|[;}\n])import [^;'"]*?["']([^."'][^"']*)["']|\bimport\("([^."][^"]*)"\)/g),
        ([, a, b]) => a ?? b ?? '',
      ),
    )
    const packages = new Set(imported.filter((name) => !name.startsWith('node:') && !builtinModules.includes(name)))
    const absent = [...packages].filter((name) => !existsSync(join(app, 'node_modules', name, 'package.json')))
    assert.deepEqual(absent, ['@duckdb/node-api'])
    assert.ok(packages.has('@aws-sdk/client-s3'))
    const names = readFileSync(join(app, 'dist', 'third-party.txt'), 'utf8').match(/^(?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d\S*$/gm) ?? []
    assert.ok(names.length > 20)
    const installed = new Set(
      readdirSync(join(app, 'node_modules'), {recursive: true, encoding: 'utf8'})
        .filter((file) => file.endsWith('package.json'))
        .map((file) => {
          const about = z
            .looseObject({name: z.string().optional(), version: z.string().optional()})
            .parse(JSON.parse(readFileSync(join(app, 'node_modules', file), 'utf8')))
          return `${about.name}@${about.version}`
        }),
    )
    assert.deepEqual(
      names.filter((name) => !installed.has(name)),
      [],
    )
    assert.equal(statSync(join(app, 'bin', 'run.js')).mode & 0o777, 0o755)
  })

  it('holds the same files when it is built from no more than Docker is given', async () => {
    const copy = join(folder(), 'context')
    const given = readFileSync(join(root, '.dockerignore'), 'utf8').match(/(?<=^!).+$/gm) ?? []
    mkdirSync(copy)
    for (const name of given) cpSync(join(root, name), join(copy, name), {recursive: true})
    // Not as one link: where packages really lie is in the names of what they are bundled into.
    execFileSync('sh', ['-c', 'cp -al "$1" "$2" 2>/dev/null || cp -a "$1" "$2"', 'copy', join(root, 'node_modules'), join(copy, 'node_modules')])
    const built = await run([process.execPath, 'scripts/build.ts'], {cwd: copy, timeout: 120_000})
    assert.ok(built.kind === 'exited' && built.exitCode === 0, JSON.stringify(built))
    const [here, there] = [join(folder(), 'here'), join(folder(), 'there')]
    assert.equal((await make(['--tree', here])).exitCode, 0)
    const made = await make(['--tree', there], {cwd: copy})
    assert.equal(made.exitCode, 0, made.stderr)
    assert.deepEqual(differences(here, there), [])
  })

  it('says in words that questions are not answered in it', async () => {
    const tree = join(folder(), 'asked')
    assert.equal((await make(['--tree', tree])).exitCode, 0)
    const cli = async (...args: string[]) => {
      const result = await run([process.execPath, join(tree, 'app/bin/run.js'), ...args], {cwd: folder(), timeout: 60_000})
      return result.kind === 'exited' ? result : assert.fail(JSON.stringify(result))
    }
    writeFileSync(join(folder(), 'hipaa-ci.yaml'), 'version: 1\nsystem: hipaa-ci\n')
    writeFileSync(join(folder(), 'report.json'), '{"name":"unit","passed":1,"failed":0,"skipped":0}')
    const emitted = await cli('emit', 'test', '--file', 'report.json')
    assert.equal(emitted.exitCode, 0, emitted.stderr)
    const asked = await cli('query', 'component', '--component', 'zod', '--json')
    assert.deepEqual(
      [asked.exitCode, z.looseObject({error: z.looseObject({code: z.string()})}).parse(JSON.parse(asked.stdout)).error.code],
      [4, 'query.engine'],
    )
    assert.match(asked.stdout, /duckdb/)
  })
})

function blobs(layout: string): string[] {
  return readdirSync(join(layout, 'blobs', 'sha256')).toSorted()
}

function differences(a: string, b: string): string[] {
  const names = (folder: string) =>
    readdirSync(folder, {recursive: true, withFileTypes: true})
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
  const all = new Set([...names(a), ...names(b)])
  return [...all].filter((name) => {
    const [one, two] = [join(a, name), join(b, name)]
    return !existsSync(one) || !existsSync(two) || !readFileSync(one).equals(readFileSync(two)) || statSync(one).mode !== statSync(two).mode
  })
}

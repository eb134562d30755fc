/** The Dockerfile says what the program's own image builder does and what the manifests rely on; nothing is fetched by it but packages from the lock. */
import assert from 'node:assert/strict'
import {spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import process from 'node:process'
import {parse} from 'yaml'
import {z} from 'zod'
import {ENTRYPOINT, ENV, USER} from '../../scripts/image/own-image.ts'
import {serverWorkload} from '../../src/lib/admission/manifests/server-workload.ts'
import {readDockerfile, textsOf} from './dockerfile.ts'

const read = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8')
const {before, stages} = readDockerfile(read('Dockerfile'))
const [build, image, ...more] = stages
const Words = z.array(z.string())
const words = (text: string | undefined): string[] => Words.parse(JSON.parse(text ?? 'null'))

const Pod = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        securityContext: z.looseObject({runAsUser: z.int(), runAsGroup: z.int()}),
        containers: z.array(z.looseObject({image: z.string(), command: z.undefined().optional(), args: z.array(z.string())})),
      }),
    }),
  }),
})

describe('the Dockerfile', () => {
  assert.ok(build && image)

  it('has two stages, on images that whoever builds must name', () => {
    assert.deepEqual(more, [])
    assert.deepEqual(before, [
      {name: 'ARG', text: 'BUILDER'},
      {name: 'ARG', text: 'BASE'},
    ])
    assert.deepEqual([build.from, build.as, image.from], ['${BUILDER}', 'build', '${BASE}'])
  })

  it('stops before all else where one of them is not named by digest, or no commit is', () => {
    const checks = textsOf(build, 'RUN').slice(0, 2).map(words)
    const digest = `sha256:${'a'.repeat(64)}`
    const good = {BUILDER: `docker.io/library/node@${digest}`, BASE: `gcr.io/distroless/x:nonroot@${digest}`, REVISION: 'b'.repeat(40)}
    const passes = (given: Readonly<Record<string, string | undefined>>) =>
      checks.every(([program = '', ...args]) => {
        assert.equal(program, 'node')
        return spawnSync(process.execPath, args, {env: {...given}}).status === 0
      })
    assert.equal(passes(good), true)
    for (const bad of ['', undefined, 'docker.io/library/node:24', `x@${digest}0`, `x@${digest.toUpperCase()}`])
      assert.equal(passes({...good, BASE: bad}), false, bad)
    assert.equal(passes({...good, BUILDER: 'docker.io/library/node:24'}), false)
    for (const bad of ['', 'main']) assert.equal(passes({...good, REVISION: bad}), false, bad)
    const names = build.instructions.map(({name, text}) => `${name} ${text.split(' ')[0]}`)
    assert.deepEqual(names.slice(0, 5), ['ARG BUILDER', 'ARG BASE', 'ARG REVISION', 'RUN ["node",', 'RUN ["node",'])
  })

  it('runs no shell and fetches nothing: packages come from the lock alone, and their scripts do not run', () => {
    const runs = stages.flatMap((stage) => textsOf(stage, 'RUN').map(words))
    assert.ok(runs.every(([program = '']) => ['node', 'npm', '/nodejs/bin/node'].includes(program)))
    assert.deepEqual(
      runs.filter(([program]) => program === 'npm'),
      [['npm', 'ci', '--ignore-scripts']],
    )
    assert.deepEqual(
      stages.flatMap((stage) => [...textsOf(stage, 'ADD'), ...textsOf(stage, 'SHELL'), ...textsOf(stage, 'VOLUME')]),
      [],
    )
    assert.doesNotMatch(read('Dockerfile'), /curl|wget|https?:\/\//)
  })

  it('takes the files that `npm run image` takes, and nothing else', () => {
    assert.deepEqual(words(textsOf(build, 'RUN').at(-1)), ['node', 'scripts/own-image.ts', '--tree', '/image'])
    assert.deepEqual(textsOf(image, 'COPY'), ['--from=build --chown=0:0 /image/ /'])
  })

  it('starts, as whom, and in what environment, as the image that is made without Docker', () => {
    assert.deepEqual(textsOf(image, 'ENTRYPOINT').map(words), [ENTRYPOINT])
    assert.deepEqual(textsOf(image, 'CMD'), [])
    assert.deepEqual(textsOf(image, 'USER'), [USER])
    assert.deepEqual(textsOf(image, 'WORKDIR'), ['/app'])
    assert.equal(
      textsOf(image, 'ENV').join(' ').replaceAll(/\s+/g, ' '),
      Object.entries(ENV)
        .map((pair) => pair.join('='))
        .join(' '),
    )
    const check = image.instructions.findIndex(({name}) => name === 'RUN')
    assert.ok(check > image.instructions.findIndex(({name}) => name === 'USER'), 'it is tried as the user that it runs as')
    assert.deepEqual(words(image.instructions[check]?.text), [...ENTRYPOINT, '--version'])
  })

  it('is what the manifests start: its entrypoint with their arguments, as its user', () => {
    const workload = serverWorkload({
      namespace: 'hipaa-ci',
      image: `registry.example/hipaa-ci@sha256:${'a'.repeat(64)}`,
      policyVolume: {},
      cluster: 'c',
      policy: 'p',
      store: 's3://b',
    })
    const {securityContext, containers} = Pod.parse(workload).spec.template.spec
    assert.deepEqual(
      containers.map(({args}) => args.slice(0, 2)),
      [['admission', 'serve']],
    )
    assert.equal(`${securityContext.runAsUser}:${securityContext.runAsGroup}`, USER)
  })

  it('says its name, version and licence as package.json does', () => {
    const {version, description, license} = z
      .looseObject({version: z.string(), description: z.string(), license: z.string()})
      .parse(JSON.parse(read('package.json')))
    const labels = Object.fromEntries(
      Array.from((textsOf(image, 'LABEL')[0] ?? '').matchAll(/(\S+?)="([^"]*)"/g), ([, name = '', value = '']) => [name, value] as const),
    )
    const named = (name: string) => `org.opencontainers.image.${name}`
    assert.deepEqual(labels, {
      [named('title')]: 'hipaa-ci',
      [named('description')]: description,
      [named('version')]: version,
      [named('revision')]: '${REVISION}',
      [named('licenses')]: license,
    })
  })

  it('sees no more of the checkout than it builds from', () => {
    const [first, ...rest] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    assert.equal(first, '*')
    assert.ok(rest.every((line) => /^![A-Za-z.-]+$/.test(line)))
    for (const secret of ['.git', '.hipaa-ci', 'node_modules', 'test', 'deploy']) assert.ok(!rest.includes(`!${secret}`))
  })
})

describe('the policy of our own releases', () => {
  it('pins keys that nobody has, until somebody puts theirs in', () => {
    const text = read('deploy/own-release/policy.yaml')
    const pins = Array.from(text.matchAll(/sha256:([0-9a-f]{64})/g), ([, hex = '']) => hex)
    assert.ok(pins.length > 0 && pins.every((hex) => /^(.)\1{63}$/.test(hex)))
    assert.equal(z.looseObject({system: z.string()}).parse(parse(text)).system, 'hipaa-ci')
  })
})

/** What is installed is pinned by digest, from nowhere in particular, runs no script on the way in, and may be shipped. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {assertNone} from './rules/assert-none.ts'
import {mayBePassedOn} from './rules/licences.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const LOCKS = ['package-lock.json', 'toolchain/node/package-lock.json']

const Entry = z.looseObject({
  resolved: z.string().optional(),
  integrity: z.string().optional(),
  hasInstallScript: z.boolean().optional(),
  dev: z.boolean().optional(),
  link: z.boolean().optional(),
  license: z.string().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
})
const Lock = z.looseObject({lockfileVersion: z.literal(3), packages: z.record(z.string(), Entry)})
const Versions = z.record(z.string(), z.string()).default({})
const Package = z.looseObject({dependencies: Versions, devDependencies: Versions, optionalDependencies: Versions})

for (const file of LOCKS) {
  describe(file, () => {
    const text = readFileSync(join(root, file), 'utf8')
    const {packages} = Lock.parse(JSON.parse(text))
    const entries = Object.entries(packages).filter(([path]) => path !== '')

    it('holds packages', () => {
      assert.ok(entries.length > 0)
    })

    it('names no place to fetch from', () => {
      assertNone(entries.filter(([, {resolved, link}]) => resolved !== undefined || link === true).map(([path]) => path))
      assert.doesNotMatch(text, /https?:\/\/[^"]*\.tgz/)
    })

    it('holds a SHA-512 of every package', () => {
      assertNone(entries.filter(([, {integrity}]) => integrity?.startsWith('sha512-') !== true).map(([path]) => path))
    })

    it('runs no script of any package', () => {
      assertNone(entries.filter(([, {hasInstallScript}]) => hasInstallScript === true).map(([path]) => path))
    })

    it('holds the build for every platform, so that it installs on each', () => {
      const wanted = entries.flatMap(([path, {optionalDependencies}]) => Object.keys(optionalDependencies ?? {}).map((name) => ({path, name})))
      const own = Object.keys(packages['']?.optionalDependencies ?? {}).map((name) => ({path: '', name}))
      const missing = [...wanted, ...own].filter(({name}) => !entries.some(([path]) => path.endsWith(`node_modules/${name}`)))
      assertNone(missing.map(({path, name}) => `${name}, wanted by ${path || 'the project itself'}`))
    })
  })
}

describe('package.json', () => {
  const declared = Package.parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))

  it('names exact versions', () => {
    const all = Object.entries({...declared.dependencies, ...declared.devDependencies, ...declared.optionalDependencies})
    assertNone(all.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)).map(([name, version]) => `${name} ${version}`))
  })

  it('ships nothing under a licence that could not be passed on', () => {
    const {packages} = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
    const shipped = Object.entries(packages).filter(([path, {dev}]) => path !== '' && dev !== true)
    assertNone(shipped.filter(([, {license}]) => !mayBePassedOn(license)).map(([path, {license}]) => `${path}: ${license ?? 'no licence named'}`))
  })
})

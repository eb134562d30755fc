/** Whose code a build holds, read off the source maps of the build itself: each is named with its licence, and may be passed on. Needs a build. */
import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {dirname, join, resolve} from 'node:path'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'
import {packageFolder, thirdPartyNotices} from '../../scripts/third-party.ts'
import {assertNone} from '../rules/assert-none.ts'
import {mayBePassedOn} from '../rules/licences.ts'

const DIST = fileURLToPath(new URL('../../dist', import.meta.url))
const SourceMap = z.looseObject({sources: z.array(z.string())})
const Package = z.looseObject({name: z.string(), version: z.string(), license: z.string().optional()})

describe('the third-party notices of a build', () => {
  const maps = readdirSync(DIST, {recursive: true, encoding: 'utf8'}).filter((file) => file.endsWith('.js.map'))
  const sources = maps.flatMap((file) => {
    const map = join(DIST, file)
    return SourceMap.parse(JSON.parse(readFileSync(map, 'utf8'))).sources.map((source) => resolve(dirname(map), source))
  })
  const packages = [...new Set(sources.flatMap((source) => packageFolder(source) ?? []))].map((folder) =>
    Package.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))),
  )
  const notices = readFileSync(join(DIST, 'third-party.txt'), 'utf8')

  it('name every package whose code is in it, with its version and licence', () => {
    assert.ok(packages.length > 0)
    assertNone(
      packages
        .filter(({name, version, license}) => !notices.includes(`\n${name}@${version}\nLicence: ${license}\n`))
        .map(({name, version}) => `${name}@${version}`),
    )
  })

  it('are of licences under which code may be passed on', () => {
    assertNone(packages.filter(({license}) => !mayBePassedOn(license)).map(({name, license}) => `${name}: ${license ?? 'no licence named'}`))
  })

  it('hold the words of the licences', () => {
    assert.match(notices, /Permission is hereby granted, free of charge/)
    assert.match(notices, /Apache License\s+Version 2\.0/)
  })

  it('are not to be had for a package that names no licence', () => {
    const ours = fileURLToPath(new URL('../../src/index.ts', import.meta.url))
    assert.throws(() => thirdPartyNotices([ours, join(DIST, 'node_modules', 'nobody', 'index.js')]), /ENOENT/)
  })

  it('leave out what is our own', () => {
    assert.equal(packageFolder('/a/src/index.ts'), undefined)
    assert.equal(packageFolder('/a/node_modules/@b/c/node_modules/d/e.js'), '/a/node_modules/@b/c/node_modules/d')
    assert.equal(packageFolder('/a/node_modules/@b/c/lib/e.js'), '/a/node_modules/@b/c')
  })
})

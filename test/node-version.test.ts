import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import semver from 'semver'
import {z} from 'zod'
import {nodeFault} from '../bin/node-version.js'

const {engines} = z.looseObject({engines: z.object({node: z.string()})}).parse(JSON.parse(readFileSync('package.json', 'utf8')))
const VERSIONS = ['16.0.0', '18.20.4', '20.20.2', '21.7.3', '22.0.0', '22.21.9', '22.22.1', '22.22.2', '22.23.0', '23.11.0']
const NEWER = ['24.0.0', '24.14.9', '24.15.0', '24.21.0', '25.9.0', '26.0.0', '27.1.0']

describe('bin/node-version', () => {
  for (const version of [...VERSIONS, ...NEWER]) {
    it(`judges ${version} as engines in package.json does`, () => {
      assert.equal(nodeFault(version) === undefined, semver.satisfies(version, engines.node))
    })
  }

  it('says in one sentence what is needed and what is there', () => {
    assert.equal(nodeFault('20.20.2'), 'hipaa-ci needs Node 24.15 or newer (22.22.2 and later of 22 will do); this is Node 20.20.2')
  })
})

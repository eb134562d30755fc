/** What the documentation says of exit and reason codes is what the table says, and every fix that is a command is a real one. */
import assert from 'node:assert/strict'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {generatedDocs} from '../scripts/generated-docs.ts'
import {withSection} from '../scripts/marked-section.ts'
import {EXIT, EXIT_MEANINGS, REASONS, worstExit} from '../src/lib/errors.ts'
import {assertNone} from './rules/assert-none.ts'
import {readModules} from './rules/modules.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(join(root, file), 'utf8')

describe('what is generated in the documentation', () => {
  for (const [file, text] of Object.entries(generatedDocs(read))) {
    it(`stands in ${file} as it is generated (npm run docs)`, () => {
      assert.equal(read(file), text)
    })
  }

  it('is refused a page without the marks, or with two of them', () => {
    const page = '<!-- x: written by npm run docs --><!-- /x -->'
    assert.equal(withSection(page, 'x', 'new'), '<!-- x: written by npm run docs -->\n\nnew\n\n<!-- /x -->')
    assert.throws(() => withSection('# no marks\n', 'x', ''), /once each/)
    assert.throws(() => withSection(page + page, 'x', ''), /once each/)
  })
})

describe('the table of reasons', () => {
  it('gives every exit code a meaning, and no two the same', () => {
    assert.deepEqual(
      Object.keys(EXIT_MEANINGS).map(Number),
      Object.values(EXIT).toSorted((a, b) => a - b),
    )
    assert.equal(new Set(Object.values(EXIT_MEANINGS)).size, Object.keys(EXIT_MEANINGS).length)
  })

  it('has no reason that ends as success', () => {
    assertNone(Object.entries<{exit: number}>(REASONS).flatMap(([code, {exit}]) => (exit === 0 ? [code] : [])))
  })

  it('writes whole sentences and a fix for each', () => {
    const poor = Object.entries(REASONS).filter(([, {meaning, fix}]) => !/^[A-Z].*\.$/.test(meaning) || fix.trim() === '')
    assertNone(poor.map(([code]) => code))
  })

  it('holds no reason that nothing uses', () => {
    const sources = readModules(join(root, 'src')).filter(({file}) => file !== 'lib/errors.ts')
    const texts = [...sources.map(({file}) => read(`src/${file}`)), read('bin/failure.js')].join('\n')
    assertNone(Object.keys(REASONS).filter((code) => !texts.includes(`'${code}'`)))
  })

  it('lets a failure win over an outage, and an outage over something missing', () => {
    assert.equal(worstExit([EXIT.missing, EXIT.unreachable, EXIT.failed, EXIT.ok]), EXIT.failed)
    assert.equal(worstExit([EXIT.missing, EXIT.unreachable, EXIT.ok]), EXIT.unreachable)
    assert.equal(worstExit([EXIT.tool, EXIT.evidence]), EXIT.evidence)
    assert.equal(worstExit([]), EXIT.ok)
  })
})

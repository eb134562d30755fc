/** What is committed speaks of the project alone: no machine, no registry, no leftovers. */
import {execFileSync} from 'node:child_process'
import {readFileSync, statSync} from 'node:fs'
import {homedir} from 'node:os'
import {basename, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {assertNone} from './rules/assert-none.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const files = execFileSync('git', ['ls-files', '-z'], {cwd: root, encoding: 'utf8'})
  .split('\0')
  .filter((file) => statSync(join(root, file), {throwIfNoEntry: false})?.isFile() === true)

/** Package registries, spelt in parts so that this file does not name them. */
const REGISTRIES = [
  ['registry', 'npmjs', 'org'],
  ['npmjs', 'com'],
  ['pypi', 'org'],
  ['pythonhosted', 'org'],
  ['proxy', 'golang', 'org'],
  ['sum', 'golang', 'org'],
  ['crates', 'io'],
]
const REGISTRY_HOSTS = new RegExp(REGISTRIES.map((parts) => parts.join('\\.')).join('|'))
/** Folders that only one machine has. Those in tests of redaction are the subject there. */
const MACHINE_PATHS = /(?<![\w.-])\/(?:root|work)\/\w/
const UNFINISHED = /\b(?:TODO|FIXME|XXX|HACK)\b/
const SECRET = /-----BEGIN (?:ENCRYPTED |EC |RSA |OPENSSH )?PRIVATE KEY-----\n[A-Za-z0-9+/]{40}/

describe('the committed files', () => {
  it('name no package registry', () => {
    assertNone(matching(REGISTRY_HOSTS))
  })

  it('name no folder of one machine', () => {
    const here = [root.replace(/\/$/, ''), homedir()].filter((path) => path.split('/').length > 2)
    assertNone(matching(MACHINE_PATHS, (file) => !/redact/.test(file)))
    assertNone(files.filter((file) => here.some((path) => text(file).includes(path))))
  })

  it('leave nothing for later without an issue', () => {
    assertNone(matching(UNFINISHED, (file) => /\.(ts|js|mjs|go|yaml|yml|json|md)$/.test(file)))
  })

  it('hold no private key', () => {
    assertNone(matching(SECRET, (file) => !/redact/.test(file)))
  })

  it('lie under names that every system can hold', () => {
    assertNone(files.filter((file) => /[<>:"|?*\\]|[. ]$/.test(file) || file.length > 180))
    const lower = files.map((file) => file.toLowerCase())
    assertNone(files.filter((file, at) => lower.indexOf(file.toLowerCase()) !== at))
  })
})

/** `file:line: what` of every match. */
function matching(pattern: RegExp, wanted: (file: string) => boolean = () => true): string[] {
  const self = join('test', basename(import.meta.filename))
  return files
    .filter((file) => file !== self && wanted(file))
    .flatMap((file) => {
      const whole = text(file)
      return [...whole.matchAll(new RegExp(pattern, 'g'))].map((match) => `${file}:${whole.slice(0, match.index).split('\n').length}: ${match[0]}`)
    })
}

function text(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

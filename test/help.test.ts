/** The command line: its shape is a contract, and its help is complete. Needs a build. */
import assert from 'node:assert/strict'
import {readdirSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {helpSnapshot} from '../scripts/help-snapshot.ts'
import {readCommands, type Command} from '../scripts/manifest.ts'
import {REASONS} from '../src/lib/errors.ts'
import {assertNone} from './rules/assert-none.ts'
import {commandFault, commandLines} from './rules/command-line.ts'
import {readModules} from './rules/modules.ts'

const commands = readCommands()
const shown = [...commands.values()].filter(({hidden}) => hidden !== true)

describe('the command line', () => {
  it('is built from the commands that are there', () => {
    const files = readdirSync(new URL('../src/commands', import.meta.url), {recursive: true, encoding: 'utf8'}).filter((file) => file.endsWith('.ts'))
    const ids = files.map((file) =>
      file
        .replace(/\.ts$/, '')
        .replaceAll(/[\\/]/g, ':')
        .replace(/:index$/, ''),
    )
    assert.deepEqual([...commands.keys()].toSorted(), ids.toSorted(), 'the build is stale: npm run build')
  })

  it('has the shape that is written down (npm run help:update writes a wanted change)', () => {
    const written: unknown = JSON.parse(readFileSync(new URL('help.snapshot.json', import.meta.url), 'utf8'))
    assert.deepEqual(helpSnapshot(commands), written)
  })

  it('says of each command in one sentence what it does, and more below', () => {
    assertNone(shown.filter(({summary}) => !/^[A-Z][^\n]*\.$/.test(summary ?? '')).map(({id}) => `${id}: summary`))
    assertNone(shown.filter(({description, summary}) => (description ?? '') === '' || description === summary).map(({id}) => `${id}: description`))
  })

  it('shows an example of each command, and every example could be typed', () => {
    assertNone(shown.filter(({examples}) => examples.length === 0).map(({id}) => id))
    assertNone(shown.flatMap((command) => exampleLines(command).flatMap((line) => commandFault(line, commands, true) ?? [])))
  })

  it('shows no example of another command', () => {
    const strangers = shown.filter((command) => !exampleLines(command).some((line) => line.startsWith(`hipaa-ci ${command.id.replaceAll(':', ' ')}`)))
    assertNone(strangers.map(({id}) => id))
  })

  it('describes every flag and argument', () => {
    assertNone(shown.flatMap(({id, args, flags}) => [...undescribed(args), ...undescribed(flags)].map((name) => `${id} ${name}`)))
  })

  it('gives the same facts as JSON everywhere', () => {
    assertNone(shown.filter(({enableJsonFlag}) => !enableJsonFlag).map(({id}) => id))
  })

  it('names a value for every flag that takes one', () => {
    assertNone(
      shown.flatMap(({id, flags}) =>
        Object.values(flags)
          .filter(({type, helpValue, options}) => type === 'option' && helpValue === undefined && options === undefined)
          .map(({name}) => `${id} --${name}`),
      ),
    )
  })

  it('is what our errors tell people to type', () => {
    const sources = readModules(fileURLToPath(new URL('../src', import.meta.url))).map(({file}) =>
      readFileSync(new URL(`../src/${file}`, import.meta.url), 'utf8'),
    )
    const fixes = sources.flatMap((source) =>
      [...source.matchAll(/\bfix: (['`])((?:(?!\1).)*)\1/g)].map(([, , fix = '']) => fix.replaceAll(/\$\{[^}]*\}/g, 'X')),
    )
    const lines = [...Object.values(REASONS).map(({fix}) => fix), ...fixes].flatMap((fix) =>
      [...fix.matchAll(/hipaa-ci [^`&;)]*/g)].map(([line]) => firstCommand(line)),
    )
    assertNone(new Set(lines.flatMap((line) => commandFault(line, commands, false) ?? [])))
  })
})

function exampleLines(command: Command): string[] {
  return command.examples.flatMap((example) => {
    const text = typeof example === 'string' ? example : example.command
    return commandLines(text.replaceAll('<%= config.bin %>', 'hipaa-ci').replaceAll('<%= command.id %>', command.id.replaceAll(':', ' ')))
  })
}

function undescribed(parts: Command['args'] | Command['flags']): string[] {
  return Object.values(parts).flatMap(({name, description}) => ((description ?? '') === '' ? [name] : []))
}

/** Up to the words that go on about it: `hipaa-ci sign <image> in this repository`. */
function firstCommand(line: string): string {
  return line.replace(/\s(?:in|to|and|with|prints|,).*$/, '').replace(/[.,]\s*$/, '')
}

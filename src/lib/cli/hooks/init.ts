/** Before anything runs: refuses a line that names no command. */
import process from 'node:process'
import type {Hook} from '@oclif/core'
import {EXIT} from '../../errors.ts'
import {unknownCommand} from '../unknown-command.ts'

/** Loaded by name from `oclif.hooks` in package.json. */
export const init: Hook.Init = function init({id, argv, config}) {
  const refusal = unknownCommand({bin: config.bin, id, argv, commandIds: config.commandIDs})
  if (refusal !== undefined) throw refusal
  // A group of commands alone prints its help: right for a person, not "done" for a script.
  if (id !== undefined && argv.length === 0 && !id.startsWith('-') && config.findCommand(id) === undefined) process.exitCode = EXIT.usage
  return Promise.resolve()
}

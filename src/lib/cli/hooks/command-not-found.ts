/** Where the parser finds no command by itself, as in a program that starts one by name. */
import type {Hook} from '@oclif/core'
import {AppError} from '../../errors.ts'
import {unknownCommand} from '../unknown-command.ts'

/** Loaded by name from `oclif.hooks` in package.json. */
export const commandNotFound: Hook.CommandNotFound = function commandNotFound({id, argv, config}) {
  throw unknownCommand({bin: config.bin, id, argv: argv ?? [], commandIds: config.commandIDs}) ?? new AppError('usage.flag', `unknown command ${id}`)
}

/** What the front door hands a command line to. The part of oclif alone: the whole loads half as many modules again, and only commands need them. */
import process from 'node:process'
import {run} from '@oclif/core/run'
import {userName} from './user-name.ts'

/** @param door the address of the program, from which oclif finds the package */
export async function runCommand(argv: string[], door: string): Promise<void> {
  // oclif asks the operating system for the user's shell, which it does not have of a user that it has no name for.
  if (userName() === '') process.env['SHELL'] ??= ''
  await run(argv, door)
}

/** What the front door hands a command line to. The part of oclif alone: the whole loads half as many modules again, and only commands need them. */
import {run} from '@oclif/core/run'

/** @param door the address of the program, from which oclif finds the package */
export async function runCommand(argv: string[], door: string): Promise<void> {
  await run(argv, door)
}

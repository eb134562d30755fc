/** `oclif.manifest.json`, as far as tests and scripts read it. Written by the build. */
import {existsSync, readFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {z} from 'zod'

const Flag = z.looseObject({
  name: z.string(),
  type: z.enum(['option', 'boolean']),
  char: z.string().optional(),
  description: z.string().optional(),
  helpGroup: z.string().optional(),
  helpValue: z.union([z.string(), z.array(z.string())]).optional(),
  options: z.array(z.string()).optional(),
  required: z.boolean().optional(),
  multiple: z.boolean().optional(),
  allowNo: z.boolean().optional(),
  hidden: z.boolean().optional(),
  default: z.json().optional(),
})
export type Flag = z.infer<typeof Flag>

const Arg = z.looseObject({
  name: z.string(),
  description: z.string().optional(),
  required: z.boolean().optional(),
  options: z.array(z.string()).optional(),
})

const Command = z.looseObject({
  id: z.string(),
  summary: z.string().optional(),
  description: z.string().optional(),
  hidden: z.boolean().optional(),
  strict: z.boolean().default(true),
  enableJsonFlag: z.boolean().default(false),
  examples: z.array(z.union([z.string(), z.looseObject({command: z.string(), description: z.string().optional()})])).default([]),
  args: z.record(z.string(), Arg),
  flags: z.record(z.string(), Flag),
  relativePath: z.array(z.string()).optional(),
})
export type Command = z.infer<typeof Command>

const Manifest = z.looseObject({commands: z.record(z.string(), Command)})

/** Commands by id, `evidence:verify`. @throws Error where nothing is built */
export function readCommands(): ReadonlyMap<string, Command> {
  const file = fileURLToPath(new URL('../oclif.manifest.json', import.meta.url))
  if (!existsSync(file)) throw new Error('oclif.manifest.json is not there: npm run build')
  return new Map(Object.entries(Manifest.parse(JSON.parse(readFileSync(file, 'utf8'))).commands))
}

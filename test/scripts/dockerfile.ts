/** A small reader of Dockerfiles, as far as ours goes: stages, instructions, continued lines, the JSON form. */

export interface Instruction {
  readonly name: string
  /** What follows it, on one line. */
  readonly text: string
}

export interface Stage {
  readonly from: string
  readonly as: string | undefined
  readonly instructions: readonly Instruction[]
}

/** @returns what stands before the first stage, and the stages */
export function readDockerfile(text: string): {readonly before: readonly Instruction[]; readonly stages: readonly Stage[]} {
  const lines = text
    .split('\n')
    .filter((line) => !/^\s*(?:#|$)/.test(line))
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
  const before: Instruction[] = []
  const stages: (Stage & {instructions: Instruction[]})[] = []
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? []
    if (name === '') throw new Error(`no instruction: ${line}`)
    if (name === 'FROM') {
      const [, from = '', as] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? []
      stages.push({from, as, instructions: []})
    } else (stages.at(-1)?.instructions ?? before).push({name, text: rest})
  }
  return {before, stages}
}

/** Texts of the instructions of that name. */
export function textsOf({instructions}: Pick<Stage, 'instructions'>, name: string): string[] {
  return instructions.filter((one) => one.name === name).map(({text}) => text)
}

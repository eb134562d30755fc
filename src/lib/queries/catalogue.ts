/** All questions, in the order in which they are listed. Pure. */
import type {Question} from './question.ts'
import {component} from './sql/component.ts'
import {deployments} from './sql/deployments.ts'
import {enforcementGaps} from './sql/enforcement-gaps.ts'
import {newDependencies} from './sql/new-dependencies.ts'
import {rejected} from './sql/rejected.ts'
import {run} from './sql/run.ts'
import {scanCoverage} from './sql/scan-coverage.ts'
import {signedImages} from './sql/signed-images.ts'
import {unsignedInProduction} from './sql/unsigned-in-production.ts'

export const QUESTIONS: readonly Question[] = [
  signedImages,
  unsignedInProduction,
  newDependencies,
  rejected,
  component,
  deployments,
  scanCoverage,
  enforcementGaps,
  run,
]

/** By name or alias. */
export function findQuestion(name: string): Question | undefined {
  return QUESTIONS.find((question) => question.name === name || question.aliases.includes(name))
}

export function questionNames(): string[] {
  return QUESTIONS.flatMap(({name, aliases}) => [name, ...aliases])
}

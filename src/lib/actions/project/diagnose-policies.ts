/** Whether each environment's policy can be used: read as every verdict reads it, with the platform's, and held against its pins. */
import type {Environment} from '../../config/schema.ts'
import {AppError, REASONS} from '../../errors.ts'
import type {Policy} from '../../policy/model.ts'
import type {DoctorContext} from '../../ports/machine.ts'
import {environmentPolicy} from '../policy/select-policy.ts'
import {about, fault, ok, unchecked, UNSEEN, warn, type Check} from './diagnosis.ts'

export async function checkPolicies({config, files}: DoctorContext): Promise<Check[]> {
  const name = 'policy'
  if (config instanceof AppError) return [unchecked(name, UNSEEN, 'Correct the configuration first.')]
  const environments = Object.entries(config.environments)
  if (environments.length === 0) return [ok(name, 'not looked at: there is no environment')]
  return Promise.all(
    environments.map(async ([environment, values]: [string, Environment]) =>
      environmentPolicy(environment, values, {config, files}).then(
        (policy) => usable(name, environment, policy),
        (error: unknown) => about('environment', environment, fault(name, error)),
      ),
    ),
  )
}

function usable(name: string, environment: string, {requires, floor, digest}: Policy): Check {
  const facts = {environment, digest}
  if (requires === undefined) return warn(name, `${environment} requires nothing, so nothing passes`, REASONS['policy.requires-nothing'].fix, facts)
  return ok(name, `${environment}${floor === undefined ? '' : ", under the platform's policy"}`, facts)
}

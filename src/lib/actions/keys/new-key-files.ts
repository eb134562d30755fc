/** Where a new pair of keys goes: nothing is there yet, and git does not see the private half before it exists. */
import {resolve} from 'node:path'
import {AppError} from '../../errors.ts'
import type {SetupContext} from '../../ports/context.ts'
import {ignorePrivateKey, type Ignored} from '../project/ignore-in-git.ts'

export interface NewKeyFiles {
  /** Absolute paths. */
  readonly privateKey: string
  readonly publicKey: string
  readonly ignored: Ignored
}

/** @param prefix a path without its ending, from the working folder. @throws AppError `usage.*`, `key.exists` */
export async function newKeyFiles(prefix: string, context: Pick<SetupContext, 'cwd' | 'project'>): Promise<NewKeyFiles> {
  if (prefix.trim() === '') throw new AppError('usage.empty', 'the name of the key is empty', {fix: 'hipaa-ci keys generate keys/promotion'})
  if (/[/\\]$|(^|[/\\])\.{1,2}$|\p{Cc}/u.test(prefix))
    throw new AppError('usage.input', `${JSON.stringify(prefix)} does not name a file`, {fix: 'hipaa-ci keys generate keys/promotion'})
  const {project, cwd} = context
  const [privateKey, publicKey] = [resolve(cwd, `${prefix}.key`), resolve(cwd, `${prefix}.pub`)]
  for (const path of [privateKey, publicKey])
    if ((await project.read(path)) !== undefined)
      throw new AppError('key.exists', `${path} is there already`, {fix: 'Name another one, or move it away first.'})
  return {privateKey, publicKey, ignored: await ignorePrivateKey(privateKey, [cwd], context)}
}

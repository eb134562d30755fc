/** The key that seals a new project's evidence: found beside the configuration, or made there. */
import {join} from 'node:path'
import {AppError} from '../../errors.ts'
import {parseVerifierKey} from '../../ledger/note.ts'
import type {SetupContext} from '../../ports/context.ts'
import {makeSealingKey} from '../keys/make-sealing-key.ts'
import {SEALING_KEY, VERIFIER_KEY} from './sealing-text.ts'

export interface InitSealing {
  readonly made: boolean
  /** What the log is called. */
  readonly origin: string
  /** `<origin>+<8 hex>+<base64>` */
  readonly verifierKey: string
  /** Absolute paths. */
  readonly publicKey: string
  /** Absent where nothing seals here. */
  readonly privateKey?: string
}

/** The log goes on under the key that is there. @throws AppError `key.exists`, `checkpoint.unreadable-key` */
export async function foundSealing(folder: string, {project}: SetupContext): Promise<InitSealing | undefined> {
  const [privateKey, publicKey] = [join(folder, SEALING_KEY), join(folder, VERIFIER_KEY)]
  const hasPrivate = (await project.read(privateKey)) !== undefined
  const bytes = await project.read(publicKey)
  if (bytes === undefined && hasPrivate)
    throw new AppError('key.exists', `${privateKey} is there, and ${VERIFIER_KEY} is not beside it`, {fix: 'Put it there, or move the key away.'})
  if (bytes === undefined) return undefined
  const {name, text} = parseVerifierKey(new TextDecoder().decode(bytes))
  return {made: false, origin: name, verifierKey: text, publicKey, ...(hasPrivate && {privateKey})}
}

/** @throws AppError `usage.input`, `config.exists` */
export async function makeSealing(folder: string, system: string, context: SetupContext): Promise<InitSealing> {
  const [privateKey, publicKey] = [join(folder, SEALING_KEY), join(folder, VERIFIER_KEY)]
  const origin = originFor(system)
  const {text} = await makeSealingKey(privateKey, publicKey, origin, context)
  return {made: true, origin, verifierKey: text, publicKey, privateKey}
}

/** `Patient API` -> `patient-api.local/evidence`: nobody else's, and good for a start; a log that others know gets a name of their own. */
function originFor(system: string): string {
  const name = system
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^-+|-+$/g, '')
  return `${name === '' ? 'system' : name}.local/evidence`
}

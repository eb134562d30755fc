/**
 * Brings in a new signing key: its pin, its public half beside the old one, the end of the old pin, and `signing.key`.
 *
 * Nothing is written before everything was read and fits. Asked again it finds its own changes and finishes what is
 * left. Result and records say what the file says, and each record is written once. No signature becomes older by it: without a trusted time, what the old key signed stops counting.
 */
import {dirname, resolve} from 'node:path'
import {readDocument} from '../../config/document.ts'
import {editDocument} from '../../config/edit-document.ts'
import {Config} from '../../config/schema.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {readPublicKey} from '../../policy/public-key.ts'
import type {Context} from '../../ports/context.ts'
import {listPins} from './list-pins.ts'
import {planRotation, type RotateRequest} from './plan-rotation.ts'
import {recordRotation, type RotationRecord} from './record-rotation.ts'
import {rotationEdits, type Rotation} from './rotation-edits.ts'
import {ignorePrivateKey, type Ignored} from '../project/ignore-in-git.ts'
import {keyReference, readPublicHalf, type SigningKey} from '../sign/signing-key.ts'

export interface RotateResult {
  readonly exitCode: ExitCode
  readonly file: string
  readonly day: string
  readonly environments: readonly string[]
  /** `from`: its first day by the file; absent where it is trusted since ever. */
  readonly added?: {readonly spki: string; readonly file: string; readonly reference: string; readonly from?: string}
  readonly retired?: string
  readonly compromised?: string
  /** False where the file said all of it before. */
  readonly changed: boolean
  /** The day is still to come: the old key signs until then, and this is to be run again. */
  readonly pending: boolean
  /** The line that keeps the new key's file out of git; absent where none was needed. */
  readonly ignored?: Ignored
  readonly records: readonly RotationRecord[]
}

/** @throws AppError `config.missing`, `usage.*`, `key.*`, `key-service.*`, `policy.invalid`, `record.not-written` */
export async function rotateKey(request: RotateRequest, context: Context): Promise<RotateResult> {
  const {config} = context
  if (config.file === undefined) throw new AppError('config.missing', 'there is no hipaa-ci.yaml that pins a key')
  if (request.to === undefined && request.compromised === undefined)
    throw new AppError('usage.flag', 'nothing to do: neither a new key nor a compromised one is named', {fix: 'hipaa-ci keys rotate --to awskms:///alias/NAME'})
  const next = request.to === undefined ? undefined : await readPublicHalf(request.to, context)
  const rotation = await planRotation(request, next, context)

  const project = await context.project()
  const before = await project.read(config.file)
  const text = Buffer.from(before ?? []).toString('utf8')
  const edited = editDocument(text, rotationEdits(rotation, config))
  const ignored = next === undefined ? undefined : await ignoreKeyFile(next, context)
  if (next !== undefined && rotation.added !== undefined) await writePublicHalf(resolve(config.root, rotation.added.file), next, context)
  if (edited !== text) await project.replace(config.file, Buffer.from(edited))
  tell(rotation, context)

  const {added, retired, compromised, day, today, environments} = rotation
  const after = written(edited, config)
  const from = environments
    .flatMap((name) => listPins(after, name).flatMap((pin) => (pin.spki === added?.spki ? (pin.from ?? []) : [])))
    .toSorted()
    .at(-1)
  return {
    exitCode: EXIT.ok,
    file: config.file,
    day,
    environments,
    ...(added !== undefined && {added: {...added, ...(from !== undefined && {from})}}),
    ...(retired !== undefined && {retired}),
    ...(compromised !== undefined && {compromised}),
    changed: edited !== text,
    pending: added !== undefined && day > today,
    ...(ignored !== undefined && ignored.lines.length > 0 && {ignored}),
    records: await recordRotation({asked: rotation, after, today}, context),
  }
}

/** Only a file has to be kept out. @throws AppError `usage.input` where git has it, or would take it in */
async function ignoreKeyFile({reference}: SigningKey, context: Context): Promise<Ignored | undefined> {
  if (keyReference(reference, context).scheme !== 'file') return undefined
  return ignorePrivateKey(reference, [context.config.root, context.cwd], {project: await context.project()})
}

/** What a text says, before the platform's policy or a variable has its say. */
function written(text: string, {root}: Context['config']): Context['config'] {
  return {...Config.parse(readDocument(text).value), root}
}

async function writePublicHalf(path: string, key: SigningKey, context: Context): Promise<void> {
  const project = await context.project()
  const there = await project.read(path)
  if (there === undefined) return project.writeNew(path, Buffer.from(key.public.pem), 0o644)
  if (readPublicKey(Buffer.from(there).toString('utf8'))?.spki !== key.public.spki)
    throw new AppError('key.exists', `${path} is there already, with another key in it`, {fix: `Move it away from ${dirname(path)}.`})
}

function tell({added, retired, compromised, environments, day}: Rotation, {config, progress, variable}: Context): void {
  for (const {spki, role, environment} of listPins(config))
    if (spki === compromised && role !== 'signature' && role !== 'image-rule')
      progress.note(`${environment ?? 'hipaa-ci.yaml'} still pins the compromised key for ${role}: put another key there`)
  if (added === undefined) return
  for (const {spki, role, environment, from} of listPins(config))
    if (spki === added.spki && role === 'signature' && environments.includes(environment ?? '') && from !== undefined && from > day)
      progress.note(`${environment}: the new key was announced from ${from} on, and is trusted from ${day} on now`)
  if (variable('HIPAA_CI_SIGNING_KEY') !== undefined) progress.note('HIPAA_CI_SIGNING_KEY is set: it still says which key signs, whatever the file says')
  if (retired === undefined) return
  const timeless = environments.filter((name) => (config.environments[name]?.requires?.signature?.['timestamp-authorities'] ?? []).length === 0)
  if (timeless.length > 0)
    progress.note(
      `${timeless.join(', ')} pins no timestamp authority: nothing proves when an image was signed, so what ${retired.slice(0, 19)}… signed stops counting once it is retired. Sign what runs with the new key.`,
    )
}

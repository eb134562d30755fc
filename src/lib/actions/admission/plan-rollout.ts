/**
 * Where a refusal only warns, until which day: written into a policy file, and nothing else of it is changed.
 *
 * A namespace stands in one entry only, so that no earlier or later day of it is left somewhere else.
 */
import {resolve} from 'node:path'
import {Admission, type Rollout} from '../../config/admission-schema.ts'
import {Day} from '../../config/fields.ts'
import {readDocument, type Path} from '../../config/document.ts'
import {editDocument, type DocumentEdit} from '../../config/edit-document.ts'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {sha256Hex} from '../../evidence/record.ts'
import {isWebAddress} from '../../evidence/web-address.ts'
import type {Context} from '../../ports/context.ts'

export interface RolloutRequest {
  /** Names or patterns, at least one. */
  readonly namespaces: readonly string[]
  readonly mode: 'warn' | 'enforce'
  /** `YYYY-MM-DD`, UTC; with `warn` only. */
  readonly enforceOn?: string
  /** Path of the policy. */
  readonly file: string
}

export interface RolloutResult {
  readonly exitCode: ExitCode
  /** Absolute. */
  readonly file: string
  readonly namespaces: readonly string[]
  readonly mode: 'warn' | 'enforce'
  readonly enforceOn?: string
  /** False where the file said all of it before. */
  readonly changed: boolean
  /** All of it, as it stands now. */
  readonly rollout: readonly Rollout[]
  /** SHA-256 of the file as it stands now, hex: what a pin has to say. */
  readonly sha256: string
}

const WHERE: Path = ['admission', 'rollout']

/** @throws AppError `usage.*`, `config.missing`, `config.invalid` */
export async function planRollout({namespaces, mode, enforceOn, file}: RolloutRequest, context: Context): Promise<RolloutResult> {
  refuseUnclear({mode, enforceOn, today: context.now().toISOString().slice(0, 10)})
  if (isWebAddress(file) || /@sha256:[0-9a-f]{64}$/.test(file))
    throw new AppError('usage.flag', `${file} is pinned or lies elsewhere, and a policy is changed in its file`, {fix: 'Give the path of the file.'})
  const path = resolve(context.cwd, file)
  const project = await context.project()
  const before = await project.read(path)
  if (before === undefined) throw new AppError('config.missing', `there is no policy ${path}`)
  const text = Buffer.from(before).toString('utf8')
  const rollout = rolloutOf(text, path)
  const wanted = [...new Set(namespaces)]
  const next = nextRollout(rollout, wanted, mode === 'warn' ? enforceOn : undefined)
  const edited = editDocument(text, editsOf(text, rollout, next))
  if (JSON.stringify(rolloutOf(edited, path)) !== JSON.stringify(next)) throw new AppError('bug', `${path} does not say what was meant`)
  const bytes = Buffer.from(edited)
  if (edited !== text) await project.replace(path, bytes)
  return {
    exitCode: EXIT.ok,
    file: path,
    namespaces: wanted,
    mode,
    ...(enforceOn !== undefined && {enforceOn}),
    changed: edited !== text,
    rollout: next,
    sha256: sha256Hex(bytes),
  }
}

function refuseUnclear({mode, enforceOn, today}: {mode: 'warn' | 'enforce'; enforceOn: string | undefined; today: string}): void {
  if (mode === 'enforce') {
    if (enforceOn !== undefined) throw new AppError('usage.flag', '--mode enforce refuses from now on, so it has no day')
    return
  }
  if (enforceOn === undefined)
    throw new AppError('usage.flag', 'a warning without an end is no rollout', {fix: 'Say from which day on refusals are to count: --enforce-on 2027-03-31'})
  if (!Day.safeParse(enforceOn).success) throw new AppError('usage.flag', `--enforce-on ${JSON.stringify(enforceOn)} is not a day; write 2027-03-31`)
  if (enforceOn < today) throw new AppError('usage.flag', `--enforce-on ${enforceOn} is in the past; today is ${today} (UTC)`)
  if (enforceOn === today) throw new AppError('usage.flag', `--enforce-on ${enforceOn} is today, so nothing would be warned about`, {fix: '--mode enforce'})
}

/** @throws AppError `config.invalid` */
function rolloutOf(text: string, path: string): readonly Rollout[] {
  const {faults, value} = readDocument(text)
  const [fault] = faults
  if (fault !== undefined) throw new AppError('config.invalid', `${path}:${fault.position.line}:${fault.position.column}: ${fault.message}`)
  if (!isMapping(value)) throw new AppError('config.invalid', `${path} is no policy`)
  const admission = value['admission']
  const parsed = Admission.safeParse(admission ?? {})
  if (parsed.success) return parsed.data.rollout
  const [issue] = parsed.error.issues
  throw new AppError('config.invalid', `${path}: ${['admission', ...(issue?.path ?? []).map(String)].join('.')}: ${issue?.message ?? ''}`)
}

/** @param day undefined: refusals count there from now on */
function nextRollout(rollout: readonly Rollout[], namespaces: readonly string[], day: string | undefined): Rollout[] {
  const others = rollout.flatMap((entry) => {
    const left = entry.namespaces.filter((name) => !namespaces.includes(name) || entry['enforce-on'] === day)
    return left.length === 0 ? [] : [{...entry, namespaces: left}]
  })
  if (day === undefined) return others
  const missing = namespaces.filter((name) => !others.some((entry) => entry.namespaces.includes(name)))
  return missing.length === 0 ? others : [...others, {namespaces: missing, 'enforce-on': day}]
}

/** Entries are added and taken out, and namespaces taken out of them: what a reviewer reads is what was asked for. */
function editsOf(text: string, before: readonly Rollout[], after: readonly Rollout[]): DocumentEdit[] {
  const added = after.find((entry) => !before.some((one) => one['enforce-on'] === entry['enforce-on'] && includesAll(one, entry)))
  if (before.length === 0) return added === undefined ? [] : [emptyEdit(text, added)]
  if (after.length === 0) return [{path: keysOf(text).length === 1 ? ['admission'] : WHERE, remove: true}]
  const kept = new Set(after.flatMap((entry) => entry.namespaces.map((name) => wordOf(entry, name))))
  const removed = [...before.entries()].toReversed().flatMap(([at, entry]): DocumentEdit[] => {
    const gone = [...entry.namespaces.entries()].filter(([, name]) => !kept.has(wordOf(entry, name)))
    if (gone.length === entry.namespaces.length) return [{path: [...WHERE, at], remove: true}]
    return gone.toReversed().map(([nth]) => ({path: [...WHERE, at, 'namespaces', nth], remove: true}))
  })
  return [...(added === undefined ? [] : [{path: WHERE, append: added}]), ...removed]
}

function wordOf(entry: Rollout, name: string): string {
  return `${entry['enforce-on']} ${name}`
}

function includesAll(one: Rollout, other: Rollout): boolean {
  return other.namespaces.every((name) => one.namespaces.includes(name))
}

/** A list may be there, and empty. */
function emptyEdit(text: string, added: Rollout): DocumentEdit {
  return keysOf(text).includes('rollout') ? {path: WHERE, append: added} : {path: WHERE, set: [added]}
}

/** What stands under `admission`. */
function keysOf(text: string): readonly string[] {
  const {value} = readDocument(text)
  return isMapping(value) && isMapping(value['admission']) ? Object.keys(value['admission']) : []
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

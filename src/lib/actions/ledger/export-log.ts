/**
 * The log as files that any verifier of C2SP tlog-tiles can walk: `checkpoint`, `tile/…`, `tile/entries/…`.
 *
 * Rules: the log is read twice, and nothing is written before it came out as it was signed. Every file but the checkpoint
 * is written once, and must be what the log makes it wherever it is there already. The checkpoint comes last, so whoever
 * reads it finds its tiles; it never goes back. One seal is in memory at a time.
 */
import {join, resolve} from 'node:path'
import {AppError, EXIT, type ExitCode} from '../../errors.ts'
import {checkpointFault, parseCheckpoint, type Checkpoint} from '../../ledger/checkpoint.ts'
import {leafBytes} from '../../ledger/leaf.ts'
import type {VerifierKey} from '../../ledger/note.ts'
import {createTiler, type TileFile} from '../../ledger/tiles.ts'
import {append, EMPTY_TREE, rootOf} from '../../ledger/tree.ts'
import type {Context, ProjectFiles} from '../../ports/context.ts'
import {newestSigned, readSigned} from './signed-log.ts'
import {verifierKeys} from './verifier-keys.ts'

export interface ExportRequest {
  /** A folder; it need not be there. */
  readonly out: string
  /** Whose checkpoints count; none: as configured. */
  readonly keys: readonly string[]
}

export interface ExportResult {
  readonly out: string
  readonly origin: string
  readonly size: number
  /** Hex. */
  readonly root: string
  /** As verifier key, one a line of what other verifiers take. */
  readonly keys: readonly string[]
  /** Files that were not there before. */
  readonly written: number
  /** Files that were, and are right. */
  readonly present: number
  readonly exitCode: ExitCode
}

type Needs = Pick<Context, 'config' | 'cwd' | 'files' | 'checkpointKey' | 'store' | 'project' | 'progress'>

/** @throws AppError `export.altered`, `log.forked`, `log.truncated`, `checkpoint.*`, `seal.*`, `usage.input`, `store.*` */
export async function exportLog({out: named, keys: given}: ExportRequest, context: Needs): Promise<ExportResult> {
  const out = resolve(context.cwd, named)
  const [store, files, keys] = await Promise.all([context.store(), context.project(), verifierKeys(given, context)])
  const head = await newestSigned(store, keys)
  const {origin, size, root, note} = head.checkpoint
  const older = await exportedCheckpoint(out, files, keys)
  if (older !== undefined) checkOlder(older, head.checkpoint, out)
  context.progress.step(`Reading the log in ${store.address}, ${size} records`)
  await readSigned(store, head, {onLeaf: older === undefined ? () => undefined : forkFinder(older, out)})

  context.progress.step(`Exporting it to ${out}`)
  const tiler = createTiler()
  const counts = {written: 0, present: 0}
  let ready: TileFile[] = []
  const write = async () => {
    const batch = ready
    ready = []
    for (const {path, bytes} of batch) counts[await writeOnce(join(out, path), bytes, files)] += 1
  }
  await readSigned(store, head, {onLeaf: (leaf) => void ready.push(...tiler.append(leafBytes(leaf))), afterSeal: write})
  ready.push(...tiler.finish().files)
  await write()
  // Another export may have been faster.
  const now = await exportedCheckpoint(out, files, keys)
  if (now === undefined || now.size <= size) await files.replace(join(out, 'checkpoint'), Buffer.from(note))
  return {out, origin, size, root, keys: keys.filter(({name}) => name === origin).map(({text}) => text), ...counts, exitCode: EXIT.ok}
}

/** Stops where the log comes to the size that was exported before, and is another one. @throws AppError `log.forked` */
function forkFinder(older: Checkpoint, out: string): (leaf: unknown, hash: string) => void {
  let tree = EMPTY_TREE
  return (_, hash) => {
    if (tree.size === older.size) return
    tree = append(tree, hash)
    if (tree.size === older.size && rootOf(tree) !== older.root)
      throw new AppError('log.forked', `the log does not continue the one that was exported to ${out}, ${older.size} records, and a trusted key signed both`)
  }
}

/** What an export before this one was signed as. */
async function exportedCheckpoint(out: string, files: ProjectFiles, keys: readonly VerifierKey[]): Promise<Checkpoint | undefined> {
  const path = join(out, 'checkpoint')
  const bytes = await files.read(path)
  if (bytes === undefined) return undefined
  const checkpoint = readCheckpoint(bytes)
  if (checkpoint === undefined || checkpointFault(checkpoint, keys) !== undefined)
    throw new AppError('export.altered', `${path} is no checkpoint that a trusted key signed`)
  return checkpoint
}

function readCheckpoint(bytes: Uint8Array): Checkpoint | undefined {
  try {
    return parseCheckpoint(bytes)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return undefined
  }
}

function checkOlder(older: Checkpoint, newest: Checkpoint, out: string): void {
  if (older.origin !== newest.origin)
    throw new AppError('usage.input', `${out} holds another log, ${older.origin}; this one is ${newest.origin}`, {fix: 'Export into a folder of its own.'})
  if (older.size > newest.size)
    throw new AppError('log.truncated', `${older.size} records were exported to ${out}, and the newest checkpoint of the log is of ${newest.size}`)
}

/** All or nothing; two exports at once write the same. */
async function writeOnce(path: string, bytes: Uint8Array, files: ProjectFiles): Promise<'written' | 'present'> {
  const there = await files.read(path)
  if (there !== undefined && Buffer.compare(there, bytes) !== 0) throw new AppError('export.altered', `${path} is not what the log makes it`)
  if (there !== undefined) return 'present'
  await files.replace(path, bytes)
  return 'written'
}

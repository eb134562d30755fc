/**
 * Coverage by folder out of c8's lcov file, against what is required. Pure.
 *
 * A folder's own requirement comes on top of the one for the whole.
 */

/** Per cent of lines, by folder; `.` is the whole. */
export const REQUIRED: Readonly<Record<string, number>> = {'.': 90, 'src/lib/evidence': 100}

export interface FileCoverage {
  /** As lcov names it, with `/`. */
  readonly file: string
  readonly lines: number
  readonly covered: number
  readonly missed: readonly number[]
}

export interface FolderCoverage {
  readonly folder: string
  readonly lines: number
  readonly covered: number
  readonly required?: number
  readonly met: boolean
}

/** @see geninfo(1): SF names the file, DA:<line>,<hits> follows, end_of_record closes it. */
export function parseLcov(text: string): FileCoverage[] {
  return text
    .split('end_of_record')
    .map((record) => record.split('\n'))
    .flatMap((lines) => {
      const file = lines
        .find((line) => line.startsWith('SF:'))
        ?.slice(3)
        .replaceAll('\\', '/')
      if (file === undefined) return []
      const hits = lines.filter((line) => line.startsWith('DA:')).map((line) => line.slice(3).split(',').map(Number))
      const missed = hits.flatMap(([line, count]) => (count === 0 && line !== undefined ? [line] : []))
      return [{file, lines: hits.length, covered: hits.length - missed.length, missed}]
    })
}

/** One row a folder and one for the whole, which comes last. */
export function byFolder(files: readonly FileCoverage[], required: Readonly<Record<string, number>> = REQUIRED): FolderCoverage[] {
  const folders = new Set([...files.map(({file}) => folderOf(file)), ...Object.keys(required)])
  folders.delete('.')
  return [...folders]
    .toSorted()
    .map((folder) =>
      row(
        folder,
        files.filter(({file}) => folderOf(file) === folder || (folder in required && file.startsWith(`${folder}/`))),
        required[folder],
      ),
    )
    .concat(row('.', files, required['.']))
}

/** The missed lines as `12-14, 20`. */
export function ranges(lines: readonly number[]): string {
  const spans: [number, number][] = []
  for (const line of lines) {
    const last = spans.at(-1)
    if (last?.[1] === line - 1) last[1] = line
    else spans.push([line, line])
  }
  return spans.map(([from, to]) => (from === to ? String(from) : `${from}-${to}`)).join(', ')
}

function row(folder: string, files: readonly FileCoverage[], required: number | undefined): FolderCoverage {
  const lines = files.reduce((sum, file) => sum + file.lines, 0)
  const covered = files.reduce((sum, file) => sum + file.covered, 0)
  // No line at all is no coverage: a report that lost its files must not pass.
  const met = required === undefined || (lines > 0 && (covered * 100) / lines >= required)
  return {folder, lines, covered, met, ...(required === undefined ? {} : {required})}
}

function folderOf(file: string): string {
  return file.slice(0, Math.max(0, file.lastIndexOf('/'))) || '.'
}

import chalk from 'chalk'
import type {InstallResult} from '../../actions/admission/install-admission.ts'
import {MARKS} from './marks.ts'
import {printable, wrap} from './printable.ts'
import {textTable} from './text-table.ts'

/** Of what was written into a folder. @param width characters a line */
export function renderInstall({cluster, folder, objects, secret, exempt, next, notes, step}: InstallResult, width = 100): string {
  const changed = objects.filter(({state}) => state === 'written').length
  const what = step === 'all' ? `what ${printable(cluster)} needs` : `what makes the certificate for ${printable(cluster)}`
  const rows = objects.map(({file, kind, name, state}) => [file, kind, name, state])
  return [
    `${MARKS.verified} ${chalk.bold(`${objects.length} objects in ${printable(folder ?? '')}`)}: ${what}; ${changed === 0 ? 'nothing changed' : `${changed} written`}`,
    '',
    textTable(['file', 'kind', 'name', ''], rows, width),
    '',
    ...(secret === undefined
      ? []
      : [
          `certificate ${secret.made ? 'made' : 'kept'}, valid until ${secret.until.slice(0, 10)}; its key is in ${printable(secret.file)}, readable by you alone and ignored by git`,
          `run this again in its last 30 days: then it is made anew, and both authorities are trusted for a while`,
        ]),
    `not looked into: ${exempt.map(printable).join(', ')}`,
    '',
    'Next:',
    // What is to be typed stays on one line.
    ...next.map((line) => `  ${chalk.cyan('→')} ${printable(line)}`),
    ...(notes.length === 0 ? [] : ['', ...notes.flatMap((note) => wrap(`- ${printable(note)}`, width))]),
  ].join('\n')
}

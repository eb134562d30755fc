/** The questions, by who asks them, with the controls that their answers support. */
import chalk from 'chalk'
import type {ListedQuery, QueryList} from '../../actions/query/list-queries.ts'
import {paragraph} from './printable.ts'

const WIDTH = 100

export function renderQueryList({queries}: QueryList): string {
  const audiences = [...new Set(queries.map(({audience}) => audience))]
  return [
    ...audiences.flatMap((audience) => [chalk.bold(`For the ${audience}`), '', ...queries.filter((query) => query.audience === audience).flatMap(describe)]),
    ...paragraph(
      '',
      'An answer supports a control; nothing here says that anything complies with it. Where a control is marked *, that is our reading of it, not its own text.',
      WIDTH,
    ),
  ].join('\n')
}

function describe({name, aliases, asks, controls, parameters, exceptions, example}: ListedQuery): string[] {
  const other = aliases.length === 0 ? '' : chalk.dim(`  (also ${aliases.join(', ')})`)
  return [
    `  ${chalk.cyan(name)}${other}`,
    ...paragraph('    ', asks, WIDTH),
    ...paragraph('    supports  ', controls.map(({id, basis}) => (basis === 'hipaa-ci-interpretation' ? `${id}*` : id)).join(', '), WIDTH),
    ...paragraph('    takes     ', parameters.map((parameter) => `--${parameter}`).join(' '), WIDTH),
    ...(exceptions ? ['    looks for exceptions: rows mean exit 1'] : []),
    ...paragraph('    $ ', example, WIDTH),
    '',
  ]
}

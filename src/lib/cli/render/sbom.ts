import chalk from 'chalk'
import type {SbomResult} from '../../actions/scan/build-sbom.ts'
import {imageLines} from './image-name.ts'
import {shortDigest} from './marks.ts'
import {paragraph, printable} from './printable.ts'
import {quantity} from './quantity.ts'
import {textTable} from './text-table.ts'

const WIDTH = 100

/** @param files what was written with --out */
export function renderSbom(result: SbomResult, files: readonly string[]): string {
  const {target, repository, digest, packages, types, platforms, leftOut, warnings, tool, record} = result
  return [
    `${warnings.length === 0 ? chalk.green('✔') : chalk.yellow('!')} ${chalk.bold(quantity(packages, 'package'))}`,
    ...imageLines(repository ?? target, digest),
    ...warnings.flatMap((text) => paragraph('  ', printable(text), WIDTH)).map((line) => chalk.yellow(line)),
    '',
    ...(types.length === 0
      ? []
      : [
          textTable(
            ['TYPE', 'PACKAGES'],
            types.map(({type, count}) => [printable(type), String(count)]),
            WIDTH,
          ),
          '',
        ]),
    ...(platforms.length < 2
      ? []
      : platforms.map(
          (one) => `  ${one.platform}  ${quantity(one.packages, 'package')}${one.digest === undefined ? '' : chalk.dim(`  ${shortDigest(one.digest)}`)}`,
        )),
    ...(leftOut.length === 0 ? [] : paragraph('  ', printable(`left out by configuration: ${leftOut.join(', ')}`), WIDTH)),
    ...files.map((file) => `  written to ${printable(file)}`),
    chalk.dim(`  SPDX 2.3 by ${tool.name} ${tool.version}  ${record === undefined ? 'not recorded' : `record ${record}`}`),
  ].join('\n')
}

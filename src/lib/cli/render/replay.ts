import chalk from 'chalk'
import type {ReplayedImage, ReplayResult} from '../../actions/admission/replay-admissions.ts'
import {MARKS, WORDS} from './marks.ts'
import {printable} from './printable.ts'
import {textTable} from './text-table.ts'

const HEADINGS = ['image', 'environment', 'last asked', 'asks', 'verdict', 'reasons']

/** @param width characters a line */
export function renderReplay(result: ReplayResult, width = 100): string {
  const {images, refused, admitted, unchecked, since, store, asks} = result
  const mark = images === 0 || unchecked.length > 0 ? MARKS['could-not-check'] : MARKS.verified
  const head =
    images === 0
      ? 'no cluster asked about any image in that time, so nothing was shown'
      : refused.length === 0
        ? `would have refused none of ${images}`
        : `would have refused ${refused.length} of ${images}: these`
  return [
    `${refused.length > 0 ? MARKS.failed : mark} ${chalk.bold(head)}`,
    ...part('', refused, width),
    ...part(`would now let in ${admitted.length} that were refused:`, admitted, width),
    ...part(`could not judge ${unchecked.length}, which may be gone from the registry:`, unchecked, width),
    '',
    chalk.dim(`${asks} asks since ${since}  ${printable(store)}`),
  ].join('\n')
}

function part(title: string, images: readonly ReplayedImage[], width: number): string[] {
  if (images.length === 0) return []
  return ['', ...(title === '' ? [] : [title]), textTable(HEADINGS, images.map(row), width)]
}

function row({image, environment, asOf, asks, verdict, reasons}: ReplayedImage): string[] {
  return [image === '' ? '(none)' : printable(image), environment ?? '(none)', asOf.slice(0, 19), String(asks), WORDS[verdict], reasons.join(', ')]
}

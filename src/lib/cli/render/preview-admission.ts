import chalk from 'chalk'
import type {PreviewResult} from '../../actions/admission/preview-admission.ts'
import type {PreviewedImage} from '../../actions/admission/previewed-image.ts'
import {EXIT, REASONS} from '../../errors.ts'
import {MARKS, WORDS} from './marks.ts'
import {printable, wrap} from './printable.ts'
import {quantity} from './quantity.ts'
import {textTable} from './text-table.ts'

const HEADINGS = ['environment', 'verdict', 'image', 'reasons', 'runs in']
/** Rows; --json has all. */
const SHOWN = 100

/** @param width characters a line */
export function renderPreview(result: PreviewResult, width = 100): string {
  const {images, incomplete, exempt, ended, asOf, cluster, source} = result
  const refused = images.filter(({by}) => by === 'refused')
  return [
    `${result.exitCode === EXIT.ok ? MARKS.verified : MARKS.failed} ${headline(result)}`,
    ...incomplete.map((why) => `${MARKS['could-not-check']} incomplete: ${why}`),
    ...(refused.length === 0 ? [] : ['', textTable(HEADINGS, refused.slice(0, SHOWN).map(row), width)]),
    ...(refused.length <= SHOWN ? [] : [chalk.dim(`and ${refused.length - SHOWN} more: --json has them all`)]),
    ...(refused.length === 0 ? [] : ['', ...reasonLines(refused, width)]),
    '',
    ...wrap(
      `Not asked about: ${quantity(exempt.pods, 'pod')} in exempt namespaces (${exempt.namespaces.map(printable).join(', ') || 'none'}), ${quantity(ended, 'pod')} that ended.`,
      width,
    ).map((line) => chalk.dim(line)),
    chalk.dim(`${printable(cluster)} (${source})  as of ${asOf}  nothing recorded: a preview lets nothing in`),
  ].join('\n')
}

function headline({running, pods, verified, byRules, refused, couldNotCheck, reasons}: PreviewResult): string {
  const parts = [
    `${verified} verified`,
    `${byRules} by images rules`,
    `${refused} would be refused`,
    ...(couldNotCheck > 0 ? [`${couldNotCheck} could not be checked, which is refused too`] : []),
  ]
  const why = reasons.map(({reason, images}) => `${images} ${reason}`).join(', ')
  return `${chalk.bold(`${quantity(running, 'image')} running`)} in ${quantity(pods, 'pod')}: ${parts.join(', ')}${why === '' ? '' : `: ${why}`}`
}

/** Each reason once, with what was said of the first image, and what to do. */
function reasonLines(refused: readonly PreviewedImage[], width: number): string[] {
  const first = new Map(refused.toReversed().flatMap((one) => one.reasons.map((reason) => [reason, one] as const)))
  return [...first].flatMap(([reason, {message, image}]) => [
    ...wrap(`${MARKS.failed} ${reason}: ${printable(message)}`, width),
    // What is to be typed stays on one line.
    `  ${chalk.cyan('→')} ${REASONS[reason].fix.replaceAll('<image>', () => printable(image))}`,
  ])
}

function row({environment, verdict, image, reasons, workloads}: PreviewedImage): string[] {
  const [first = '', ...more] = workloads
  const where = more.length === 0 ? first : `${first} and ${more.length} more`
  return [environment ?? '(none)', verdict === 'unchanged' ? verdict : WORDS[verdict], printable(image) || '(none)', reasons.join(', '), printable(where)]
}

/** A small command line, described as oclif describes ours: groups, fixed values, and words that a shell could trip over. */
import type {DescribedCommand} from '../../../../src/lib/cli/completion/model.ts'

const FORMAT = {name: 'format', type: 'option', description: 'how: a "table" or `csv`', options: ['table', 'csv', 'json']} as const
const STORE = {name: 'store', type: 'option', char: 's', description: "where [it] lies: it's $HOME\nsecond line"} as const

export const DESCRIBED: readonly DescribedCommand[] = [
  {id: 'scan', summary: 'Scan an image.', args: {target: {}}, flags: {store: STORE, 'update-db': {name: 'update-db', type: 'boolean', allowNo: true}}},
  {id: 'sbom', summary: "Describe what's in it: $(touch sprung) `touch sprung`.", args: {target: {}}, flags: {store: STORE}},
  {id: 'evidence:ls', summary: 'List records.', args: {}, flags: {store: STORE, format: FORMAT}},
  {id: 'evidence:verify', summary: 'Verify all.', args: {}, flags: {format: {...FORMAT, char: 'f'}}},
  {id: 'query', summary: 'Ask.', args: {name: {options: ['rejected', 'run']}}, flags: {format: FORMAT}},
  {id: 'secret', summary: 'Not shown.', hidden: true, args: {}, flags: {}},
]

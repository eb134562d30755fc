/** What is generated in the documentation, by file: the text that each should have. Pure over `read`. */
import {architectureGraph} from './architecture-graph.ts'
import {readDrawing} from './drawing.ts'
import {errorsPage, exitTable} from './error-tables.ts'
import {proofPage} from './proof-page.ts'
import {withSection} from './marked-section.ts'
import {roleTable} from './role-table.ts'

export function generatedDocs(read: (file: string) => string): Record<string, string> {
  const architecture = read('docs/architecture.md')
  return {
    'docs/errors.md': errorsPage(),
    'README.md': withSection(read('README.md'), 'exit codes', exitTable()),
    'docs/store.md': withSection(read('docs/store.md'), 'roles', roleTable()),
    'docs/architecture.md': withSection(architecture, 'graph', architectureGraph(readDrawing(architecture))),
    'docs/verify-proof.html': proofPage(read('docs/verify-proof.html'), read('docs/verify-proof.js')),
  }
}

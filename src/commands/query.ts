import {Args, Flags} from '@oclif/core'
import {answerQuery, type Answer} from '../lib/actions/query/answer-query.ts'
import {listQueries, type QueryList} from '../lib/actions/query/list-queries.ts'
import {BaseCommand} from '../lib/cli/base-command.ts'
import {printAnswer} from '../lib/cli/print-answer.ts'
import {renderQueryList} from '../lib/cli/render/query-list.ts'

/** Rows that a terminal shows; files and JSON have them all. */
const TABLE_ROWS = 200

export default class Query extends BaseCommand {
  static override summary = 'Ask the evidence a question, or list the questions.'
  static override description = `Every answer says how it was made: question, SQL and its digest, parameters, records covered, and what is known to be missing.
Exit 0: complete, no exceptions. 1: exceptions found, where the question looks for them. 6: the answer is known to be incomplete.
That a question was asked is recorded itself, unless --no-record is given.`
  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> rejected --since 90d',
    '<%= config.bin %> <%= command.id %> component --component log4j-core@2.14.1',
    '<%= config.bin %> <%= command.id %> deployments --from 2026-07-01 --to 2026-09-30 --format csv --out deployments.csv',
  ]
  static override args = {name: Args.string({description: 'the question; without it, all questions are listed', ignoreStdin: true})}
  static override flags = {
    since: Flags.string({description: 'from this long ago: 90d, 24h (default: from the first record)', helpValue: 'TIME', exclusive: ['from']}),
    from: Flags.string({description: 'from this day or time on, UTC (default: from the first record)', helpValue: 'DATE'}),
    to: Flags.string({description: 'up to the end of this day, or this time, UTC (default: now)', helpValue: 'DATE'}),
    system: Flags.string({description: 'only this system (default: all)', helpValue: 'NAME'}),
    environment: Flags.string({description: 'only this environment (default: all, or what the question says)', helpValue: 'NAME'}),
    namespace: Flags.string({description: 'only this Kubernetes namespace (default: all)', helpValue: 'NAME'}),
    component: Flags.string({
      description: 'component to look for: NAME, NAME@VERSION, GROUP:NAME@VERSION or a package URL (no default)',
      helpValue: 'NAME[@VERSION]',
    }),
    run: Flags.string({description: 'run to look at (no default)', helpValue: 'ID'}),
    limit: Flags.integer({description: `rows to show (default: ${TABLE_ROWS} in a table, else all)`, min: 1, helpValue: 'N'}),
    format: Flags.string({description: 'table, csv or json (default: by the ending of --out, else table)', options: ['table', 'csv', 'json']}),
    out: Flags.string({description: 'write the answer to this file; beside a CSV goes FILE.ipe.json (default: standard output)', helpValue: 'FILE'}),
    fresh: Flags.boolean({description: 'build the index anew, checking the digest of every record (default: only of new ones)', default: false}),
  }

  async run(): Promise<Answer | QueryList> {
    const {args, flags} = await this.parse(Query)
    const {name} = args
    if (name === undefined) {
      const list = listQueries()
      this.print(renderQueryList(list))
      return list
    }
    const {format: asked, out, limit: given, config: _config, store: _store, 'no-record': _noRecord, json: _json, ...request} = flags
    const format = asked ?? /\.(csv|json)$/.exec(out ?? '')?.[1] ?? 'table'
    const limit = given ?? (format === 'table' && !this.jsonEnabled() ? TABLE_ROWS : undefined)
    const {answer, exitCode} = await answerQuery({...request, name, limit}, await this.context(flags, {judges: false}))
    await printAnswer(answer, {format, out, print: (text) => this.print(text)})
    return this.conclude(answer, exitCode)
  }
}

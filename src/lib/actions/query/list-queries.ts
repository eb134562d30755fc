/** The questions that can be asked, by who asks them. */
import {QUESTIONS} from '../../queries/catalogue.ts'
import {AUDIENCES, type Audience, type Question} from '../../queries/question.ts'

export type ListedQuery = Pick<
  Question,
  'name' | 'version' | 'aliases' | 'audience' | 'asks' | 'parameters' | 'controls' | 'doesNotProve' | 'columns' | 'example' | 'exceptions'
>

export interface QueryList {
  readonly queries: readonly ListedQuery[]
}

export function listQueries(): QueryList {
  return {
    queries: AUDIENCES.flatMap((audience: Audience) => QUESTIONS.filter((question) => question.audience === audience)).map(
      ({name, version, aliases, audience, asks, parameters, controls, doesNotProve, columns, example, exceptions}) => ({
        name,
        version,
        aliases,
        audience,
        asks,
        parameters,
        controls,
        doesNotProve,
        columns,
        example,
        exceptions,
      }),
    ),
  }
}

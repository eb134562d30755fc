/**
 * The canary corpus: more than 300 made-up values of every kind that redaction is to find, each in a text that holds it.
 *
 * Promise: made at run time from forms; the same in every run; no two alike.
 */
import {CANARIES, type Canary} from './canaries.ts'
import {maker} from './made-up.ts'
import {PHI_FORMS} from './phi-canaries.ts'
import {NAMED_FORMS, PROVIDER_FORMS} from './provider-canaries.ts'

/** What people do with a value; VALUE is where it goes. */
const SENTENCES = ['VALUE', 'pushed with VALUE, twice', '(VALUE)', 'x="VALUE"', "it's 'VALUE' now", 'VALUE; then the job stopped']

const made = maker(20_261_126)
const inText = (rule: string, value: string, context: string): Canary => ({rule, value, text: context.replace('VALUE', () => value)})

export const CORPUS: readonly Canary[] = [
  ...CANARIES,
  ...PROVIDER_FORMS.map(([rule, form]) => inText(rule, made.fill(form), 'VALUE')),
  ...PROVIDER_FORMS.map(([rule, form], index) => inText(rule, made.fill(form), SENTENCES[index % SENTENCES.length] ?? 'VALUE')),
  ...NAMED_FORMS.map(([context, form]) => inText('', made.fill(form), context)),
  ...PHI_FORMS.map(({rule, context = 'VALUE', make}) => inText(rule, make(made), context)),
  ...PHI_FORMS.map(({rule, context = 'the value VALUE was seen', make}) => inText(rule, make(made), context)),
]

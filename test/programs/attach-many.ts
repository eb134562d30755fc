/** A process of its own that attaches: `node attach-many.ts KIND WHERE LOCKS SUBJECT FROM COUNT`. Prints one line for each that is done. */
import process from 'node:process'
import {openLayout} from '../../src/lib/registry/layout.ts'
import {openRegistry} from '../../src/lib/registry/open-registry.ts'
import {attach} from '../lib/registry/attach.ts'

const [kind, where = '', lockFolder = '', subject = '', from = '0', count = '0'] = process.argv.slice(2)
const store = kind === 'layout' ? await openLayout(where) : openRegistry(where, {lockFolder, settle: 50})
const {descriptor} = await store.resolve(subject)
await Promise.all(
  Array.from({length: Number(count)}, async (_, n) => {
    const {digest} = await attach(store, descriptor, `note ${Number(from) + n}`)
    process.stdout.write(`${digest}\n`)
  }),
)

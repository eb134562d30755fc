/** Writes `test/help.snapshot.json` from the manifest that the build wrote: `npm run help:update`. */
import {writeFileSync} from 'node:fs'
import {helpSnapshot} from './help-snapshot.ts'
import {readCommands} from './manifest.ts'

writeFileSync(new URL('../test/help.snapshot.json', import.meta.url), `${JSON.stringify(helpSnapshot(readCommands()), null, 2)}\n`)

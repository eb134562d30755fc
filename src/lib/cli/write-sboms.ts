/** SPDX documents into files: one into the file named, several beside each other, each with its platform in the name. */
import {basename, dirname, join} from 'node:path'
import type {BuiltSbom} from '../actions/scan/build-sbom.ts'
import {writeOutput} from './write-output.ts'

/** @returns the files. @throws AppError `usage.flag` */
export async function writeSboms(out: string, {result, documents}: BuiltSbom): Promise<string[]> {
  const files = result.platforms.map(({document}) => (documents.length === 1 ? out : withPart(out, document)))
  for (const [index, bytes] of documents.entries()) {
    // oxlint-disable-next-line no-await-in-loop -- large, and few
    await writeOutput(files[index] ?? out, Buffer.from(bytes).toString('utf8'))
  }
  return files
}

/** `app.spdx.json` and `sbom.linux-arm64.spdx.json` -> `app.linux-arm64.spdx.json`. */
function withPart(out: string, document: string): string {
  const part = document.replace(/^sbom\./, '').replace(/\.spdx\.json$/, '')
  const [, stem = basename(out), ending = ''] = /^(.+?)((?:\.spdx)?\.json)$/.exec(basename(out)) ?? []
  return join(dirname(out), `${stem}.${part}${ending}`)
}

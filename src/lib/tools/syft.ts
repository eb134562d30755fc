/**
 * Syft: an image, archive or folder in, an SPDX 2.3 document out. Pure.
 *
 * Always an empty configuration of our own: a `.syft.yaml` in the working
 * folder could exclude what it likes.
 */
import {AppError} from '../errors.ts'
import type {ToolSpec} from '../ports/tools.ts'
import {readSpdx, type Sbom} from '../sbom/spdx.ts'

/** What is described. An image in a registry is copied into a layout first. */
export type SyftSource =
  /** Holds exactly one image: of several, Syft takes the one for this machine. */
  {readonly kind: 'layout'; readonly path: string} | {readonly kind: 'docker-archive'; readonly path: string} | {readonly kind: 'folder'; readonly path: string}

export interface SyftInput {
  readonly source: SyftSource
  /** What the document calls the thing described; otherwise a path of this machine would stand there. */
  readonly name: string
  /** The digest, or nothing for a folder. */
  readonly version?: string
}

export interface SyftOutput {
  /** As Syft wrote it; this very file is stored and attested. */
  readonly bytes: Uint8Array
  readonly sbom: Sbom
}

export const SPDX_MEDIA_TYPE = 'application/spdx+json'
const OUTPUT = 'sbom.spdx.json'
const CONFIG = 'syft.yaml'
const SCHEMES = {layout: 'oci-dir', 'docker-archive': 'docker-archive', folder: 'dir'} as const

export const syft: ToolSpec<SyftInput, SyftOutput> = {
  tool: 'syft',
  answers: [0],
  outputs: [OUTPUT],
  inputs: () => new Map([[CONFIG, Buffer.from('check-for-app-update: false\n')]]),
  argv: ({source, name, version}, scratch) => [
    'scan',
    `${SCHEMES[source.kind]}:${source.path}`,
    '--config',
    `${scratch}/${CONFIG}`,
    '--quiet',
    '--source-name',
    name,
    ...(version === undefined ? [] : ['--source-version', version]),
    '--output',
    `spdx-json=${scratch}/${OUTPUT}`,
  ],
  env: () => ({SYFT_CHECK_FOR_APP_UPDATE: 'false'}),
  parse: ({files}) => {
    const bytes = files.get(OUTPUT)
    if (bytes === undefined) throw new AppError('tool.output', 'syft ended well, but wrote no SBOM')
    return {bytes, sbom: readSpdx(bytes)}
  },
}

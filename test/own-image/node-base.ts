/** A base for the image of hipaa-ci itself, in the shape of the distroless ones: a Node, and Debian's lists. Synthetic. */
import {readFileSync} from 'node:fs'
import process from 'node:process'
import {buildImage, type OciImage} from '../../scripts/image/build-image.ts'
import {NODE} from '../../scripts/image/own-image.ts'
import {debianFiles} from '../../scripts/image/service.ts'

export interface NodeBase {
  /** Default: the one that runs this. */
  readonly node?: Uint8Array
  readonly architecture?: string
  /** Others of its configuration. */
  readonly config?: Readonly<Record<string, unknown>>
}

export function nodeBase({node = readFileSync(process.execPath), architecture = 'amd64', config = {}}: NodeBase = {}): OciImage {
  return buildImage({
    platform: `linux/${architecture}`,
    layers: [{files: debianFiles(architecture)}, {files: {[NODE.slice(1)]: {content: node, mode: 0o755}}}],
    config: {Entrypoint: [NODE], User: '65532', Env: ['PATH=/usr/bin', 'NODE_ENV=development'], Labels: {'org.example.base': 'synthetic'}, ...config},
  })
}

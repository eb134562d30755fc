/**
 * The image of hipaa-ci itself: its files as one layer on a base that brings Node, as the Dockerfile makes it, without
 * Docker. Equal files on an equal base give equal bytes: sorted, owned by root, without times of their own.
 *
 * The files are the same on every platform, so there is an image for each one of the base.
 */
import {z} from 'zod'
import {MEDIA_TYPES, digestOf, isIndex} from '../../src/lib/images/manifest.ts'
import type {Descriptor, ImageStore, ManifestContent} from '../../src/lib/ports/images.ts'
import {gzip} from './build-image.ts'
import {OWN_FOLDER} from './own-files.ts'
import {tar, type FileMap} from './tar.ts'

/** Where the distroless images have it; it is what they start. */
export const NODE = '/nodejs/bin/node'
/** The user that `admission install` lets it run as, and that the distroless images call `nonroot`. */
export const USER = '65532:65532'
/** Code comes from the image alone, never from a folder that can be written to. */
export const ENV = {NODE_ENV: 'production', NODE_DISABLE_COMPILE_CACHE: '1'}
export const ENTRYPOINT = [NODE, `/${OWN_FOLDER}/bin/run.js`]

export interface OwnImage {
  readonly files: FileMap
  /** `org.opencontainers.image.*`; the base's digest is added. */
  readonly labels: Readonly<Record<string, string>>
  /** ISO 8601. */
  readonly created: string
  readonly tag: string
}

const Settings = z.looseObject({
  Entrypoint: z.array(z.string()).nullish(),
  Env: z.array(z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
})
const BaseConfig = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  config: Settings,
  rootfs: z.looseObject({diff_ids: z.array(z.string())}),
  history: z.array(z.looseObject({})).default([]),
})

/**
 * @param base an image or index with Node in it
 * @returns the descriptor of what `sink` has now, under the tag
 * @throws Error where the base is no such image; AppError as the stores throw
 */
export async function buildOwnImage(base: ImageStore, sink: ImageStore, own: OwnImage): Promise<Descriptor> {
  const bytes = tar(own.files)
  const layer = {...(await sink.pushBlob(gzip(bytes))), mediaType: MEDIA_TYPES.layer}
  const put = new OnBase(base, sink, own, layer, digestOf(bytes))
  const from = await base.resolve('')
  if (!isIndex(from.json)) return put.image(from, own.tag)
  const children: Descriptor[] = []
  for (const child of from.json.manifests ?? []) {
    if (child.platform?.os === 'linux') children.push(await put.image(await base.resolve(child.digest)))
  }
  if (children.length === 0) throw new Error(`the base has no image for linux: ${base.location}`)
  const index = json({schemaVersion: 2, mediaType: MEDIA_TYPES.index, manifests: children, annotations: put.annotations(from.descriptor.digest)})
  return sink.pushManifest(index, MEDIA_TYPES.index, own.tag)
}

class OnBase {
  readonly #base: ImageStore
  readonly #sink: ImageStore
  readonly #own: OwnImage
  readonly #layer: Descriptor
  readonly #diffId: string

  constructor(base: ImageStore, sink: ImageStore, own: OwnImage, layer: Descriptor, diffId: string) {
    this.#base = base
    this.#sink = sink
    this.#own = own
    this.#layer = layer
    this.#diffId = diffId
  }

  /** Of one platform; where it has a tag it is named, else it is the part of an index. */
  async image({json: from, descriptor}: ManifestContent, tag?: string): Promise<Descriptor> {
    if (from.config?.mediaType !== MEDIA_TYPES.config) throw new Error(`the base is no OCI image: its configuration is ${from.config?.mediaType ?? 'missing'}`)
    const config = BaseConfig.parse(JSON.parse(Buffer.from(await this.#base.blob(from.config)).toString()))
    if (config.config.Entrypoint?.join(' ') !== NODE) throw new Error(`the base does not start ${NODE}, but ${JSON.stringify(config.config.Entrypoint ?? [])}`)
    for (const layer of from.layers ?? []) await this.#sink.pushBlobStream(layer, () => this.#base.streamBlob(layer))
    const labels = this.annotations(descriptor.digest)
    const described = {...(await this.#sink.pushBlob(json(this.#config(config, labels)))), mediaType: MEDIA_TYPES.config}
    const bytes = json({
      schemaVersion: 2,
      mediaType: MEDIA_TYPES.manifest,
      config: described,
      layers: [...(from.layers ?? []), this.#layer],
      annotations: labels,
    })
    const {os, architecture, variant} = config
    const made = {mediaType: MEDIA_TYPES.manifest, digest: digestOf(bytes), size: bytes.byteLength}
    await (tag === undefined ? this.#sink.pushBlob(bytes) : this.#sink.pushManifest(bytes, MEDIA_TYPES.manifest, tag))
    return {...made, platform: {os, architecture, ...(variant !== undefined && {variant})}}
  }

  annotations(base: string): Record<string, string> {
    const {labels, created} = this.#own
    const all = {...labels, 'org.opencontainers.image.created': created, 'org.opencontainers.image.base.digest': base}
    return Object.fromEntries(Object.entries(all).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  }

  #config(base: z.infer<typeof BaseConfig>, labels: Record<string, string>): unknown {
    const {created} = this.#own
    const {Cmd: _, ...kept} = base.config
    const env = (base.config.Env ?? []).filter((one) => !Object.keys(ENV).includes(one.split('=')[0] ?? ''))
    return {
      ...base,
      created,
      config: {
        ...kept,
        User: USER,
        WorkingDir: `/${OWN_FOLDER}`,
        Entrypoint: ENTRYPOINT,
        Env: [...env, ...Object.entries(ENV).map(([name, value]) => `${name}=${value}`)],
        Labels: {...base.config.Labels, ...labels},
      },
      rootfs: {...base.rootfs, diff_ids: [...base.rootfs.diff_ids, this.#diffId]},
      history: [...base.history, {created, created_by: 'hipaa-ci: its own files'}],
    }
  }
}

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

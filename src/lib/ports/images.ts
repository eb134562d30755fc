/** OCI images: any source, any sink. Types only. */

/** OCI content descriptor (image-spec, descriptor.md). */
export interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly artifactType?: string
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: {readonly os: string; readonly architecture: string; readonly variant?: string}
}

export interface ManifestContent {
  readonly descriptor: Descriptor
  /** The exact bytes; their SHA-256 is the descriptor's digest (checked). */
  readonly bytes: Uint8Array
  readonly json: Manifest
}

/** An OCI image manifest or index, or its Docker v2 equal. */
export interface Manifest {
  readonly mediaType?: string
  readonly artifactType?: string
  readonly config?: Descriptor
  readonly layers?: readonly Descriptor[]
  /** Present on an index. */
  readonly manifests?: readonly Descriptor[]
  readonly subject?: Descriptor
  readonly annotations?: Readonly<Record<string, string>>
}

/** `mounted`: the registry had it in another repository. */
export type PushOutcome = 'written' | 'present' | 'mounted'

/** One repository: in a registry, or an OCI image layout folder. Any source, any sink. */
export interface ImageStore {
  readonly kind: 'registry' | 'layout'
  /** `host/path`; undefined for a layout, which does not know. */
  readonly repository: string | undefined
  /** What tools are told: `host/path` or the layout's absolute path. */
  readonly location: string
  /** @param reference a tag or a digest. @throws AppError `image.not-found`, `registry.*` */
  resolve(reference: string): Promise<ManifestContent>
  /** Bytes checked against digest and size. @throws AppError `image.corrupt`, `registry.*` */
  blob(descriptor: Descriptor): Promise<Uint8Array>
  /** For layers, which are too big to be held: ends without an error only if all bytes came and match. @throws AppError (while reading) `image.corrupt`, `registry.*` */
  streamBlob(descriptor: Descriptor): AsyncIterable<Uint8Array>
  /** What is attached to `digest`: the referrers API, else the fallback tag (distribution-spec 1.1). Order is not meaningful. @throws AppError `registry.*`, `referrers.too-many` */
  referrers(digest: string): Promise<readonly Descriptor[]>
  /** Uploads unless it is there. */
  pushBlob(bytes: Uint8Array): Promise<Descriptor>
  /**
   * Uploads unless it is there; `read` is called only then, and anew for another try.
   * @param from `host/path` of a repository that has it: within one registry it is linked instead, where the registry can do that
   * @throws AppError `image.corrupt`, `registry.*`
   */
  pushBlobStream(descriptor: Descriptor, read: () => AsyncIterable<Uint8Array>, from?: string): Promise<PushOutcome>
  /** @param tag also name it so */
  pushManifest(bytes: Uint8Array, mediaType: string, tag?: string): Promise<Descriptor>
  /**
   * Makes manifests (already pushed, with `subject`) appear among the referrers of `subject`, where the registry does not
   * do that by itself. All of them at once cost one wait for other writers, each alone costs one of its own.
   */
  linkReferrers(subject: Descriptor, descriptors: readonly Descriptor[]): Promise<void>
}

/** A parsed TARGET argument. */
export type Target =
  | {readonly kind: 'registry'; readonly repository: string; readonly tag?: string; readonly digest?: string; readonly text: string}
  | {readonly kind: 'layout'; readonly path: string; readonly tag?: string; readonly digest?: string; readonly text: string}
  | {readonly kind: 'archive'; readonly path: string; readonly format: 'oci-archive' | 'docker-archive'; readonly text: string}
  | {readonly kind: 'folder'; readonly path: string; readonly text: string}

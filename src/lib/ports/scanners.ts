/** What scanners are given: a checked copy, and what they know. Types only. */
import type {ImageStore} from './images.ts'

/** A private copy of an image for tools that trust a folder: every byte was checked on its way. */
export interface ImageCopy {
  /** Absolute path of an OCI layout. */
  readonly path: string
  /** The copy itself, to read from. */
  readonly store: ImageStore
  remove(): Promise<void>
}

/** One image of a Docker archive, which has no manifest digest. */
export interface DockerArchive {
  /** Digest of its configuration: what Docker calls the image's id. */
  readonly digest: string
  readonly platform: string
}

export interface Checkouts {
  /** A layout that holds the one image manifest `digest` of `store`. @throws AppError `image.*`, `registry.*`, `layout.not-written` */
  single(store: ImageStore, digest: string): Promise<ImageCopy>
  /** An OCI archive as a layout. Nothing in it is checked yet. @throws AppError `image.corrupt`, `layout.not-written` */
  unpack(archive: string): Promise<ImageCopy>
  /** Checks every layer. @throws AppError `image.corrupt`, `image.unsupported` */
  dockerArchive(path: string): Promise<DockerArchive>
}

/** What the vulnerability scanner knows, and since when. */
export interface AdvisoryDatabase {
  /** The folder that Trivy is given, and downloads into. */
  readonly folder: string
  /** Absent: there is none, or it cannot be read. */
  readonly vulnerabilities?: {
    readonly updatedAt: string
    readonly sha256: string
    /** Names of the advisory sources in it: `debian 12`, `npm::GitHub Security Advisory Npm`. */
    readonly sources: readonly string[]
  }
  /** The index of Java archives. No rows: it is empty or cannot be read, and archives are overlooked in silence. */
  readonly java?: {readonly updatedAt: string; readonly nextUpdate: string; readonly rows: number}
}

/** An SBOM that is there already, to compare a scan with instead of running Syft again. */
import {AppError} from '../../errors.ts'
import type {Context} from '../../ports/context.ts'
import {readSpdx, type Sbom} from '../../sbom/spdx.ts'
import type {OpenParts, Part} from './open-parts.ts'

/** What the caller has just made for this platform. */
export function describedBefore({digest}: Part, documents: ReadonlyMap<string, Uint8Array> | undefined): Sbom | undefined {
  const document = digest === undefined ? undefined : documents?.get(digest)
  return document === undefined ? undefined : readSpdx(document)
}

/** @throws AppError `usage.flag`, `usage.input` */
export async function givenSbom(file: string, {parts, digest}: OpenParts, {files}: Context): Promise<Sbom> {
  const [part] = parts
  if (part === undefined || parts.length > 1)
    throw new AppError('usage.flag', `--sbom is for one platform, and there are ${parts.length}`, {
      fix: 'Leave --sbom out: each platform is then described by itself.',
    })
  const sbom = readSpdx(await files.read(file))
  const meant = part.digest ?? digest
  if (meant !== undefined && sbom.version !== meant) {
    throw new AppError('usage.input', `${file} describes ${sbom.version ?? 'something without a digest'}, not ${meant}`)
  }
  return sbom
}

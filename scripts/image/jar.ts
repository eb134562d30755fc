/**
 * The smallest jar that Syft and Trivy both name right: a manifest (Syft looks
 * at nothing without one) and Maven's `pom.properties` (Trivy, without an index
 * of all jars, believes nothing else). A stored zip with a fixed date. Synthetic: it holds no code.
 */
import {crc32} from 'node:zlib'

export interface MavenCoordinates {
  readonly group: string
  readonly artifact: string
  readonly version: string
}

export function jar({group, artifact, version}: MavenCoordinates): Uint8Array {
  return archive({[`META-INF/maven/${group}/${artifact}/pom.properties`]: `version=${version}\ngroupId=${group}\nartifactId=${artifact}\n`})
}

/** One that only Syft names by itself: Trivy does not read a `pom.xml`, and needs an index in which the archive stands. */
export function jarWithPom({group, artifact, version}: MavenCoordinates): Uint8Array {
  const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></project>\n`
  return archive({[`META-INF/maven/${group}/${artifact}/pom.xml`]: pom})
}

function archive(files: Readonly<Record<string, string>>): Uint8Array {
  return zip({'META-INF/MANIFEST.MF': 'Manifest-Version: 1.0\r\nCreated-By: synthetic test fixture\r\n\r\n', ...files})
}

const LOCAL = 0x04_03_4b_50
const CENTRAL = 0x02_01_4b_50
const END = 0x06_05_4b_50
/** 1 January 1980, where the format's time begins. */
const DATE = 0x21

function zip(files: Readonly<Record<string, string>>): Uint8Array {
  const local: Buffer[] = []
  const central: Buffer[] = []
  let offset = 0
  for (const [path, text] of Object.entries(files)) {
    const [name, data] = [Buffer.from(path), Buffer.from(text)]
    const common = commonFields(name, data)
    local.push(numbers([LOCAL, 4]), common, name, data)
    central.push(numbers([CENTRAL, 4], [20, 2]), common, numbers([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]), name)
    offset += 4 + common.byteLength + name.byteLength + data.byteLength
  }
  const directory = Buffer.concat(central)
  const count = Object.keys(files).length
  return Buffer.concat([...local, directory, numbers([END, 4], [0, 2], [0, 2], [count, 2], [count, 2], [directory.byteLength, 4], [offset, 4], [0, 2])])
}

/** Version, flags, method (stored), time, date, crc, sizes, name length, extra length: equal in both headers. */
function commonFields(name: Buffer, data: Buffer): Buffer {
  const size = data.byteLength
  return numbers([20, 2], [0, 2], [0, 2], [0, 2], [DATE, 2], [crc32(data), 4], [size, 4], [size, 4], [name.byteLength, 2], [0, 2])
}

function numbers(...fields: readonly (readonly [value: number, width: number])[]): Buffer {
  return Buffer.concat(
    fields.map(([value, width]) => {
      const bytes = Buffer.alloc(width)
      bytes.writeUIntLE(value, 0, width)
      return bytes
    }),
  )
}

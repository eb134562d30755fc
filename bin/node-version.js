// @ts-check
/**
 * Whether a Node is new enough, in words. Plain JavaScript: the Node it refuses has to be able to read it.
 *
 * The figures are those of `engines` in package.json; a test holds them equal.
 */

/** @type {Readonly<Record<string, readonly [number, number]>>} */
const OLDEST = {22: [22, 2], 24: [15, 0]}
const ALL_FROM = 26

/**
 * @param {string} version `process.versions.node`
 * @returns {string | undefined} one sentence, or undefined where it is new enough
 */
export function nodeFault(version) {
  const [major = 0, minor = 0, patch = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  const oldest = OLDEST[major]
  if (major >= ALL_FROM || (oldest && (minor > oldest[0] || (minor === oldest[0] && patch >= oldest[1])))) return undefined
  return `hipaa-ci needs Node 24.15 or newer (22.22.2 and later of 22 will do); this is Node ${version}`
}

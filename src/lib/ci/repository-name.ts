/** A git remote as `host/path`, the same for ssh and https. Pure. */

/** Never with credentials. Undefined for a local path: it names a machine, not a repository. */
export function repositoryName(remote: string | undefined): string | undefined {
  const url = /^(?:https?|ssh|git):\/\/(?:[^@/]*@)?([^/@?#]+)\/([^?#]+)/i.exec(remote ?? '')
  // `git@host:path`; a single letter before the colon is a drive.
  const short = /^(?:[^@/:\s]+@)?([^@/:\s]{2,}):(?!\/\/)([^?#\s]+)$/.exec(remote ?? '')
  const [, host, path] = url ?? short ?? []
  if (host === undefined || path === undefined) return undefined
  const name = `${withoutDefaultPort(host.toLowerCase())}/${path
    .replace(/^\/+/, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')}`
  return name.length <= 256 && /^[\w.:[\]-]+(?:\/[\w.~+-]+)+$/.test(name) ? name : undefined
}

function withoutDefaultPort(host: string): string {
  return host.replace(/:(?:443|80|22|9418)$/, '')
}

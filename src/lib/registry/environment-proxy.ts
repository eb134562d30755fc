/** Our own calls go through HTTPS_PROXY and HTTP_PROXY, but for NO_PROXY and this machine. Extra authorities come by NODE_EXTRA_CA_CERTS, which Node reads itself. */
import process from 'node:process'

type Environment = Readonly<Record<string, string | undefined>>
/** In Node since 24.14; where it is not there, a proxy has to be given by NODE_USE_ENV_PROXY=1. */
type ProxyFromEnvironment = (environment: Record<string, string>) => () => void

const NAMES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy']
const HERE = 'localhost,127.0.0.1,[::1],::1'

/** Once for the process: it changes what `fetch` does everywhere. */
export function useEnvironmentProxy(env: Environment): void {
  const given = Object.fromEntries(NAMES.flatMap((name) => (env[name] ? [[name, env[name]]] : [])))
  if (Object.keys(given).length === 0) return
  const direct = [env['NO_PROXY'] ?? env['no_proxy'], HERE].filter((text) => text !== undefined && text !== '').join(',')
  const {setGlobalProxyFromEnv} = process.getBuiltinModule('node:http') as {setGlobalProxyFromEnv?: ProxyFromEnvironment}
  setGlobalProxyFromEnv?.({...given, NO_PROXY: direct})
}

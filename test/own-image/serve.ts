/**
 * `admission serve` out of the unpacked image, started by the very arguments that the manifests give it.
 *
 * What a cluster would mount lies in a folder of this machine instead, and ports are free ones; nothing else differs.
 */
import {once} from 'node:events'
import {mkdirSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {z} from 'zod'
import {PORTS} from '../../src/lib/admission/manifests/names.ts'
import {FOLDERS, type ServerArguments} from '../../src/lib/admission/manifests/server-arguments.ts'
import {serverWorkload} from '../../src/lib/admission/manifests/server-workload.ts'
import {freePort} from '../free-port.ts'
import {asUser, makeWritable, type Unpacked} from './unpacked.ts'

const Workload = z.looseObject({
  spec: z.looseObject({
    template: z.looseObject({spec: z.looseObject({containers: z.tuple([z.looseObject({args: z.array(z.string()), workingDir: z.string()})])})}),
  }),
})

export interface OwnServer {
  readonly url: string
  readonly observe: string
  /** Where the volumes of the pod are. */
  folder(name: keyof typeof FOLDERS): string
  /** @returns its exit code, and what it said */
  stop(): Promise<{readonly exitCode: number | null; readonly said: string}>
}

export interface Mounted extends ServerArguments {
  /** Of this machine, readable by anybody. */
  readonly place: string
  /** Paths below the folders of the manifests -> content. */
  readonly files: Readonly<Record<string, string>>
  /** Beside the image's own. */
  readonly env: Readonly<Record<string, string>>
}

export async function serveUnpacked(image: Unpacked, {place, files, env, ...args}: Mounted): Promise<OwnServer> {
  const folder = (name: keyof typeof FOLDERS) => join(place, FOLDERS[name])
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(place, path)), {recursive: true})
    writeFileSync(join(place, path), content)
  }
  for (const name of ['log', 'scratch'] as const) makeWritable(folder(name), asUser(image.settings))
  const [listen, observe] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
  const workload = serverWorkload({namespace: 'hipaa-ci', image: `registry.example/x@sha256:${'0'.repeat(64)}`, policyVolume: {}, ...args})
  const [container] = Workload.parse(workload).spec.template.spec.containers
  const argv = container.args.map((argument) =>
    argument
      .replace(/=\/(?=etc\/|var\/)/, `=${place}/`)
      .replace(`0.0.0.0:${PORTS.serve}`, listen)
      .replace(`0.0.0.0:${PORTS.observe}`, observe),
  )
  const home = folder('scratch')
  const child = image.start(argv, {cwd: join(place, container.workingDir), env: {HOME: home, TMPDIR: home, ...env}})
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
  while (!said.includes('"listening"')) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`)
    await wait(50)
  }
  return {
    url: `https://${listen}`,
    observe: `http://${observe}`,
    folder,
    async stop() {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM')
        await once(child, 'exit')
      }
      return {exitCode: child.exitCode, said}
    },
  }
}

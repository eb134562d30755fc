import assert from 'node:assert/strict'
import {stripVTControlCharacters} from 'node:util'
import {diagnose} from '../../../../src/lib/actions/project/diagnose.ts'
import {renderDoctor} from '../../../../src/lib/cli/render/doctor.ts'
import {AppError} from '../../../../src/lib/errors.ts'
import {fakeDoctor} from '../../../fakes/doctor-context.ts'

const shown = async (changes?: Parameters<typeof fakeDoctor>[0]) => stripVTControlCharacters(renderDoctor(await diagnose(fakeDoctor(changes)))).split('\n')

describe('cli/render/doctor', () => {
  it('shows one thing a line, with digest where there is one', async () => {
    const lines = await shown()
    assert.deepEqual(lines.slice(0, 3), [
      '✔ ok              node             24.21.0  /bin/node',
      '✔ ok              syft             1.51.0  /bin/syft',
      `${' '.repeat(35)}sha256:aaaaaaaaaaaa…`,
    ])
    assert.equal(lines.at(-1), 'nothing that is needed is missing')
  })

  it('says in words what is amiss and what to type, within 100 columns', async () => {
    const tool = async (): Promise<never> => {
      throw new AppError('tool.version', `no trivy in an allowed version: ${'/a/long/path/to/trivy is 0.69.5, which is refused; '.repeat(4)}\u001B[2J`, {
        fix: 'npm run setup',
      })
    }
    const lines = await shown({probe: {tool, keyFile: async () => ({mode: 0o644, tracking: 'ignored'})}})
    assert.match(lines[1] ?? '', /^✖ wrong {11}syft {13}no trivy in an allowed version/)
    assert.ok(lines.includes(`${' '.repeat(35)}→ npm run setup`))
    assert.ok(lines.some((line) => line.startsWith('! warn            signing key      /app/cosign.key can be read by others (mode 0644)')))
    assert.equal(lines.at(-1), '4 wrong, 2 to know about')
    for (const line of lines) assert.ok(line.length <= 100 && !line.includes('\u001B'), line)
  })
})

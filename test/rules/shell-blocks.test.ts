import assert from 'node:assert/strict'
import {shellBlocks} from './shell-blocks.ts'

const fence = '```'

describe('shellBlocks', () => {
  it('knows what is to be run, in which folder, and how each line has to end', () => {
    const markdown = `# Title\n\n${fence}sh run fresh\n# only prose\nhipaa-ci verify a   # exits 6, for nothing is signed\nhipaa-ci sign a # signs\n${fence}\n\n${fence}sh\nnpm test\n${fence}\n`
    assert.deepEqual(
      shellBlocks(markdown).map(({run, fresh, commands}) => ({run, fresh, commands})),
      [
        {
          run: true,
          fresh: true,
          commands: [
            {text: 'hipaa-ci verify a   # exits 6, for nothing is signed', exit: 6, line: 5},
            {text: 'hipaa-ci sign a # signs', exit: 0, line: 6},
          ],
        },
        {run: false, fresh: false, commands: [{text: 'npm test', exit: 0, line: 10}]},
      ],
    )
  })

  it('joins what a backslash or a here-document joins', () => {
    const [block] = shellBlocks(`${fence}sh run\ncat > f <<'END'\nname: x\n\n# kept\nEND\nhipaa-ci scan \\\n  a\n${fence}\n`)
    assert.deepEqual(
      block?.commands.map(({text}) => text),
      ["cat > f <<'END'\nname: x\n\n# kept\nEND", 'hipaa-ci scan \\\n  a'],
    )
  })

  it('leaves other languages alone and refuses marks that it does not know', () => {
    assert.deepEqual(shellBlocks(`${fence}yaml\na: 1\n${fence}\n`), [])
    assert.throws(() => shellBlocks(`${fence}sh rnu\nls\n${fence}\n`), /line 1: .*rnu/)
  })
})

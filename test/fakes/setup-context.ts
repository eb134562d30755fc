/**
 * A setup context over a real folder and the real git.
 *
 * Promise: `runTool` answers as Cosign does when it makes a key pair, with a
 * fresh P-256 key, and keeps the password that it was given. It runs no program.
 */
import {execFile} from 'node:child_process'
import {generateKeyPairSync} from 'node:crypto'
import process from 'node:process'
import type {RunGit} from '../../src/lib/ci/git.ts'
import type {SetupContext} from '../../src/lib/ports/context.ts'
import type {RunTool, ToolOutput} from '../../src/lib/ports/tools.ts'
import {projectFiles} from '../../src/lib/project/project-files.ts'

export interface FakeSetup extends SetupContext {
  readonly notes: string[]
  readonly passwords: string[]
}

export function fakeSetup(cwd: string, variables: Readonly<Record<string, string>> = {}): FakeSetup {
  const notes: string[] = []
  const passwords: string[] = []
  const runTool: RunTool = (spec, input) => {
    passwords.push(spec.env?.(input, '/scratch')['COSIGN_PASSWORD'] ?? 'unset')
    const {publicKey} = generateKeyPairSync('ec', {namedCurve: 'P-256'})
    const files = new Map([
      ['pair.key', Buffer.from('-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\n(invented)\n')],
      ['pair.pub', Buffer.from(publicKey.export({type: 'spki', format: 'pem'}))],
    ])
    const output: ToolOutput = {exitCode: 0, stdout: '', stderr: '', files}
    return Promise.resolve({value: spec.parse(output, input), tool: {name: spec.tool, version: '3.1.2', sha256: '0'.repeat(64)}})
  }
  return {
    cwd,
    name: 'patient-api',
    notes,
    passwords,
    progress: {step: () => undefined, note: (text) => void notes.push(text)},
    variable: (name) => variables[name],
    runTool,
    project: projectFiles(gitIn),
  }
}

/** The real git in `folder`, away from the settings of whoever runs the tests. */
export function gitIn(folder: string): RunGit {
  return (args) =>
    new Promise((done) => {
      execFile('git', [...args], {cwd: folder, env: {PATH: process.env['PATH'], HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1'}}, (error, stdout) => {
        done(error === null ? {exitCode: 0, stdout} : typeof error.code === 'number' ? {exitCode: error.code, stdout} : undefined)
      })
    })
}

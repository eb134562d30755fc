/**
 * One step of `bench/evidence.ts` in a process of its own, so that its memory is its own: `seal` or `verify` in the
 * folder that it is started in, and prints what it took as JSON.
 */
import process from 'node:process'
import {sealEvidence} from '../src/lib/actions/ledger/seal-evidence.ts'
import {verifyEvidence} from '../src/lib/actions/evidence/verify-evidence.ts'
import {createContext} from '../src/lib/cli/context.ts'
import type {StepTaken} from './step-taken.ts'

const [step = '', ...flags] = process.argv.slice(2)
const context = await createContext({'no-record': true}, {version: '0.1.0'})
const began = performance.now()
const ended = step === 'seal' ? await seal() : await verify()
const taken: StepTaken = {ms: performance.now() - began, peak: process.resourceUsage().maxRSS / 1024, ...ended}
process.stdout.write(JSON.stringify(taken))

async function seal(): Promise<{exitCode: number; size: number}> {
  const {exitCode, size} = await sealEvidence({all: false}, context)
  return {exitCode, size}
}

async function verify(): Promise<{exitCode: number; size: number}> {
  const since = flags[0] === '--since-checkpoint' ? flags[1] : undefined
  const full = flags.includes('--full')
  const {exitCode, log} = await verifyEvidence({blobs: true, full, keys: [], anchors: [], ...(since !== undefined && {sinceCheckpoint: since})}, context)
  return {exitCode, size: log?.size ?? 0}
}

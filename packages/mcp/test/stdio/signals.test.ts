import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { eventually, isRunning, roguePath, serverLog } from '../support/processes.ts'

/** Processes start slowly on a busy machine. */
const LIMIT_MS = 60_000

const script = fileURLToPath(new URL('../support/signalled-host.ts', import.meta.url))
const hosts: ChildProcess[] = []
const logs: { remove(): void }[] = []
afterEach(() => {
  for (const host of hosts.splice(0)) host.kill('SIGKILL')
  for (const log of logs.splice(0)) log.remove()
})

/** A shell that starts a process of its own, and the server. */
const wrapped = [
  'sh',
  '-c',
  `sleep 300 & echo "start $!" >> "$ROGUE_LOG"; "${process.execPath}" "${roguePath}"; true`,
] as const

async function startHost(mode: string, line: readonly string[] = [process.execPath, roguePath], count = 1) {
  const log = serverLog()
  logs.push(log)
  const args = ['--conditions=@mcpclient/source', script, mode, String(count), ...line]
  const host = spawn(process.execPath, args, {
    env: { ...process.env, ROGUE_LOG: log.file },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  hosts.push(host)
  let said = ''
  host.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()))
  await eventually(() => said.includes('ready\n'), LIMIT_MS)
  return { host, log, said: () => said, ended: once(host, 'exit') as Promise<[number | null, string | null]> }
}

const allGone = async (pids: readonly number[]) => {
  expect(pids.length).toBeGreaterThan(0)
  await eventually(() => !pids.some(isRunning), LIMIT_MS)
}

describe.runIf(process.platform !== 'win32')('a program that ignores the end of its input and SIGTERM', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'ends with a host that receives %s, and so does the child of its wrapper',
    async (signal) => {
      const { host, log, ended } = await startHost('plain', wrapped)
      host.kill(signal)
      // The signal has its usual effect.
      expect(await ended).toEqual([null, signal])
      expect(log.pids()).toHaveLength(2)
      await allGone(log.pids())
    },
    LIMIT_MS,
  )

  it(
    'serves a host that handles the signal until the host exits',
    async () => {
      const { host, log, said, ended } = await startHost('handles')
      host.kill('SIGTERM')
      expect(await ended).toEqual([5, null])
      expect(said()).toContain('still served')
      await allGone(log.pids())
    },
    LIMIT_MS,
  )

  it(
    'ends with a host in which signal-exit waits for all other listeners',
    async () => {
      const { host, log, ended } = await startHost('polite')
      host.kill('SIGINT')
      expect(await ended).toEqual([null, 'SIGINT'])
      await allGone(log.pids())
    },
    LIMIT_MS,
  )

  it(
    'ends with a host that throws',
    async () => {
      const { log, ended } = await startHost('throws', wrapped)
      expect(await ended).toEqual([1, null])
      await allGone(log.pids())
    },
    LIMIT_MS,
  )

  it(
    'ends with a host that is killed, if there is a watchdog',
    async () => {
      const { host, log, ended } = await startHost('watchdog', wrapped)
      host.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
      await allGone(log.pids())
    },
    LIMIT_MS,
  )

  it(
    'registers one set of handlers for any number of programs',
    async () => {
      const { host, said, ended, log } = await startHost('plain', [process.execPath, roguePath], 12)
      expect(said()).not.toContain('warning')
      host.kill('SIGTERM')
      await ended
      expect(log.pids()).toHaveLength(12)
      await allGone(log.pids())
    },
    LIMIT_MS,
  )

  it(
    'removes the handlers when its client closes',
    async () => {
      const { host, said, ended } = await startHost('closes')
      expect(said()).toBe('SIGINT 0\nSIGTERM 0\nSIGHUP 0\nready\n')
      host.kill('SIGTERM')
      expect(await ended).toEqual([null, 'SIGTERM'])
    },
    LIMIT_MS,
  )
})

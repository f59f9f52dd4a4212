import process from 'node:process'
import { systemClock } from '@mcpclient/core'
import { describe, expect, it } from 'vitest'
import { ProcessTransport } from '../../src/stdio/process-transport.ts'
import { recordingLogger } from '../support/recording-logger.ts'
import { thingsToClose } from '../support/things-to-close.ts'

const closing = thingsToClose()

/** Returns the transport of a Node program that runs `code`. */
async function started(code: string) {
  const transport = closing(
    new ProcessTransport({
      command: process.execPath,
      args: ['-e', code],
      cwd: undefined,
      env: {},
      watchdog: false,
      serverId: 'docs',
      logger: recordingLogger(),
      clock: systemClock,
      maxMessageBytes: 1024,
      secrets: [],
      onRefusedResponse: () => undefined,
    }),
  )
  await transport.start()
  return transport
}

/** More than the pipe and the stream hold together. */
const large = { jsonrpc: '2.0' as const, method: 'notifications/note', params: { text: 'x'.repeat(8_000_000) } }

describe('a message that the pipe cannot hold', () => {
  it('is sent once the program has read it', async () => {
    const transport = await started('process.stdin.resume()')
    await expect(transport.send(large)).resolves.toBeUndefined()
  })

  it('is no longer waited for once the program has exited', async () => {
    const transport = await started('process.stdin.once("data", () => process.exit())')
    await expect(transport.send(large)).resolves.toBeUndefined()
    await expect(transport.send(large)).rejects.toThrow('docs is not running')
  })
})

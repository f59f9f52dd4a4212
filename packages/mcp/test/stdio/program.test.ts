import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { mcpProcess } from '@mcpclient/mcp/stdio'
import { recordingLogger } from '../support/recording-logger.ts'
import { resultText } from '../support/result-text.ts'
import { rogueClients } from '../support/rogue-client.ts'

const { start, log } = rogueClients()

describe('the output of a program', () => {
  it('is logged, redacted, if it goes to standard error', async () => {
    const logger = recordingLogger()
    const mcp = start({ env: { ROGUE_TOKEN: 'tok-canary-123456' } }, { logger, retry: { attempts: 1 } })
    await mcp
      .as('ada')
      .rogue.call('crash', {})
      .catch(() => undefined)
    await mcp.close()
    const said = JSON.stringify(logger.lines)
    expect(said).toContain('Out of memory.')
    expect(said).not.toContain('0123456789abcdef')
    expect(said).not.toContain('tok-canary-123456')
  })

  it('is ignored if it is no message', async () => {
    // The fixture prints a line of prose before anything else.
    const mcp = start()
    expect(resultText(await mcp.as('ada').rogue.call('echo', { a: 1 }))).toBe('{"a":1}')
  })
})

describe('a result of 12 MB', () => {
  it('arrives, where the SDK closes the connection at 10 MB', async () => {
    const mcp = start({ results: { maxBytes: 20_000_000 } })
    const { rogue } = mcp.as('ada')
    const result = await rogue.call('big', { bytes: 12_000_000 })
    expect(resultText(result)).toHaveLength(12_000_000)
    expect(log.pids()).toHaveLength(1)
  })

  it('fails its own call alone if it exceeds maxMessageBytes', async () => {
    const mcp = start({ maxMessageBytes: 1_000_000 })
    const { rogue } = mcp.as('ada')
    const small = rogue.call('slow', { steps: 1, everyMs: 50 })
    await expect(rogue.call('big', { bytes: 12_000_000 })).rejects.toMatchObject({
      code: 'DATA_TRANSFORMATION_ERROR',
      details: { hint: expect.stringContaining('maxMessageBytes') as string },
    })
    expect(resultText(await small)).toBe('1 steps')
    expect(log.pids()).toHaveLength(1)
  })

  it('is cut to results.maxBytes, and sets truncated', async () => {
    const mcp = start({ results: { maxBytes: 1000 } })
    const result = await mcp.as('ada').rogue.call('big', { bytes: 12_000_000 })
    expect(resultText(result)).toHaveLength(1000)
    expect(result.truncated).toEqual({ bytes: 12_000_000 })
  })
})

describe('a program that does not exist', () => {
  it('is a configuration error, and is not tried again', async () => {
    const mcp = createMcpClient({ connectors: { gone: mcpProcess({ command: 'no-such-program-anywhere' }) } })
    await expect(mcp.as('ada').gone.call('x', {})).rejects.toMatchObject({
      code: 'CONFIGURATION_ERROR',
      message: expect.stringContaining('no-such-program-anywhere gives ENOENT') as string,
      details: { attempts: 1 },
    })
    await mcp.close()
  })
})

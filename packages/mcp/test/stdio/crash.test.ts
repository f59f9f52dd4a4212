import { describe, expect, it } from 'vitest'
import { resultText } from '../support/result-text.ts'
import { rogueClients } from '../support/rogue-client.ts'

const { start, log } = rogueClients()

describe('a program that crashes', () => {
  it('is started again by the next call, where clients on the SDK alone fail for good', async () => {
    const mcp = start()
    const { rogue } = mcp.as('ada')
    const first = resultText(await rogue.call('pid', {}))
    await expect(rogue.call('crash', {})).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    const second = resultText(await rogue.call('pid', {}))
    expect(second).not.toBe(first)
  })

  it('does not get a write again that it may have received, whose outcome is unknown', async () => {
    const mcp = start()
    const failure: unknown = await mcp
      .as('ada')
      .rogue.call('crash', {})
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown', toolName: 'crash' } })
    expect(log.calls('crash')).toBe(1)
  })

  it('gets a read again in the new process', async () => {
    const mcp = start({ effects: { crash: 'read' } })
    await expect(mcp.as('ada').rogue.call('crash', {})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { attempts: 3 },
    })
    expect(log.calls('crash')).toBeGreaterThan(1)
  })

  it('is reported with its exit reason and without secrets', async () => {
    const mcp = start({ effects: { crash: 'read' } }, { retry: { attempts: 1 } })
    const failure: unknown = await mcp
      .as('ada')
      .rogue.call('crash', {})
      .catch((error: unknown) => error)
    const said = JSON.stringify(failure)
    expect(said).toContain('It exited with code 7. Its last output: Out of memory.')
    expect(said).not.toContain('0123456789abcdef')
  })

  it('fails all pending calls at once', async () => {
    const mcp = start({ effects: { hang: 'read', crash: 'read' } }, { retry: { attempts: 1 } })
    const { rogue } = mcp.as('ada')
    await rogue.call('echo', {})
    const waiting = [rogue.call('hang', {}), rogue.call('hang', {}), rogue.call('crash', {})]
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map((each) => each.status === 'rejected' && (each.reason as { code: string }).code)).toEqual(
      Array.from({ length: 3 }, () => 'MCP_CONNECTION_ERROR'),
    )
  })

  it('is not started again with restart: false', async () => {
    const mcp = start({ restart: false })
    const { rogue } = mcp.as('ada')
    await rogue.call('crash', {}).catch(() => undefined)
    await expect(rogue.call('echo', {})).rejects.toMatchObject({
      message: expect.stringContaining('composed with restart: false') as string,
    })
    expect(log.pids()).toHaveLength(1)
  })

  it('emits each state of the session', async () => {
    const mcp = start()
    const told: string[] = []
    mcp.on('rogue.state', ({ data }) => told.push(`${data.from} > ${data.to}`))
    mcp.on('rogue.reconnected', () => told.push('reconnected'))
    const { rogue } = mcp.as('ada')
    await rogue.call('crash', {}).catch(() => undefined)
    await rogue.call('echo', {})
    await mcp.close()
    expect(told).toEqual([
      'idle > connecting',
      'connecting > ready',
      'ready > degraded',
      'degraded > connecting',
      'connecting > ready',
      'reconnected',
      'ready > closed',
    ])
  })

  it('is detected if it only closes its output', async () => {
    const mcp = start({ env: { ROGUE_IGNORES_EOF: '1' } })
    const { rogue } = mcp.as('ada')
    await expect(rogue.call('mute', {})).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    await rogue.call('echo', {})
    expect(log.pids()).toHaveLength(2)
  })

  it('is started with growing delays if it exits at once, and its last output is in the error', async () => {
    const mcp = start({ env: { ROGUE_DIES_AT_START: '1' } })
    const failure: unknown = await mcp
      .as('ada')
      .rogue.call('echo', {})
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ details: { hint: expect.stringContaining('No configuration found.') as string } })
  })
})

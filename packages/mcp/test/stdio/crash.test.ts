import { describe, expect, it } from 'vitest'
import { createFakeClock } from '@mcpclient/testing'
import { Supervisor } from '../../src/session/supervisor.ts'
import { resultText } from '../support/result-text.ts'
import { rogueClients } from '../support/rogue-client.ts'

const { start, log } = rogueClients()

describe('a server that crashes', () => {
  it('is started again with the next call: clients on the SDK alone fail for good', async () => {
    const mcp = start()
    const { rogue } = mcp.as('ada')
    const first = resultText(await rogue.call('pid', {}))
    await expect(rogue.call('crash', {})).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    const second = resultText(await rogue.call('pid', {}))
    expect(second).not.toBe(first)
  })

  it('never has a write repeated that it may have got, and says that the outcome is unknown', async () => {
    const mcp = start()
    const failure: unknown = await mcp
      .as('ada')
      .rogue.call('crash', {})
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ code: 'OUTCOME_UNKNOWN', details: { outcome: 'unknown', toolName: 'crash' } })
    expect(log.calls('crash')).toBe(1)
  })

  it('has a read made again on the new process', async () => {
    const mcp = start({ effects: { crash: 'read' } })
    await expect(mcp.as('ada').rogue.call('crash', {})).rejects.toMatchObject({
      code: 'MCP_CONNECTION_ERROR',
      details: { attempts: 3 },
    })
    expect(log.calls('crash')).toBeGreaterThan(1)
  })

  it('has its end told in the error, without what it gave away', async () => {
    const mcp = start({ effects: { crash: 'read' } }, { retry: { attempts: 1 } })
    const failure: unknown = await mcp
      .as('ada')
      .rogue.call('crash', {})
      .catch((error: unknown) => error)
    const said = JSON.stringify(failure)
    expect(said).toContain('It ended with code 7. Its last words: Out of memory.')
    expect(said).not.toContain('0123456789abcdef')
  })

  it('fails all that wait for it at once', async () => {
    const mcp = start({ effects: { hang: 'read', crash: 'read' } }, { retry: { attempts: 1 } })
    const { rogue } = mcp.as('ada')
    await rogue.call('echo', {})
    const waiting = [rogue.call('hang', {}), rogue.call('hang', {}), rogue.call('crash', {})]
    const outcomes = await Promise.allSettled(waiting)
    expect(outcomes.map((each) => each.status === 'rejected' && (each.reason as { code: string }).code)).toEqual(
      Array.from({ length: 3 }, () => 'MCP_CONNECTION_ERROR'),
    )
  })

  it('is left alone where the host says so', async () => {
    const mcp = start({ restart: false })
    const { rogue } = mcp.as('ada')
    await rogue.call('crash', {}).catch(() => undefined)
    await expect(rogue.call('echo', {})).rejects.toMatchObject({
      message: expect.stringContaining('composed not to be started again') as string,
    })
    expect(log.pids()).toHaveLength(1)
  })

  it('tells of what became of the connection', async () => {
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

  it('is noticed when it only closes its output', async () => {
    const mcp = start({ env: { ROGUE_IGNORES_EOF: '1' } })
    const { rogue } = mcp.as('ada')
    await expect(rogue.call('mute', {})).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' })
    await rogue.call('echo', {})
    expect(log.pids()).toHaveLength(2)
  })

  it('that cannot even start is not started over and over: its last words are in the error', async () => {
    const mcp = start({ env: { ROGUE_DIES_AT_START: '1' } })
    const failure: unknown = await mcp
      .as('ada')
      .rogue.call('echo', {})
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ details: { hint: expect.stringContaining('No configuration found.') as string } })
  })
})

describe('the supervisor', () => {
  const refused = () => Promise.reject(new Error('no'))
  const supervisor = (connect: () => Promise<{ onLost: undefined; close(): Promise<void> }>, random = 1) => {
    const clock = createFakeClock()
    const told: string[] = []
    const made = new Supervisor({
      serverId: 'docs',
      connect,
      clock,
      random: () => random,
      restarts: true,
      onState: (to) => told.push(to),
      onReconnected: () => told.push('reconnected'),
    })
    return { clock, told, supervisor: made }
  }

  it('connects once for all who ask at the same time', async () => {
    let connects = 0
    const { supervisor: one } = supervisor(() => {
      connects += 1
      return Promise.resolve({ onLost: undefined, close: () => Promise.resolve() })
    })
    const sessions = await Promise.all([one.acquire(undefined), one.acquire(undefined), one.acquire(undefined)])
    expect(new Set(sessions).size).toBe(1)
    expect(connects).toBe(1)
  })

  it('lets one who gives up go without ending it for the others', async () => {
    let connect = (_session: { onLost: undefined; close(): Promise<void> }): void => undefined
    const { supervisor: one } = supervisor(() => new Promise((resolve) => (connect = resolve)))
    const impatient = new AbortController()
    const [first, second] = [one.acquire(impatient.signal), one.acquire(undefined)]
    impatient.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    connect({ onLost: undefined, close: () => Promise.resolve() })
    await expect(second).resolves.toBeDefined()
    expect(one.state).toBe('ready')
  })

  it('waits longer after each failure in a row, and says how long', async () => {
    const { ConnectorError } = await import('@mcpclient/core')
    const { supervisor: one, clock } = supervisor(() =>
      Promise.reject(new ConnectorError('MCP_CONNECTION_ERROR', 'no')),
    )
    const fail = async () =>
      (await Promise.resolve(one.acquire(undefined)).catch(
        (error: unknown) => error,
      )) as typeof ConnectorError.prototype
    await fail()
    expect((await fail()).details.retryAfterMs).toBeUndefined()
    const waits: (number | undefined)[] = []
    for (let attempt = 0; attempt < 12; attempt++) {
      const { retryAfterMs } = (await fail()).details
      waits.push(retryAfterMs)
      await clock.advance(retryAfterMs ?? 0)
      await fail()
    }
    expect(waits.slice(0, 4)).toEqual([250, 500, 1000, 2000])
    expect(Math.max(...waits.map((each) => each ?? 0))).toBe(30_000)
  })

  it('does not hold a refused credential against the server', async () => {
    const { ConnectorError } = await import('@mcpclient/core')
    const { supervisor: one } = supervisor(() => Promise.reject(new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'no')))
    for (let attempt = 0; attempt < 4; attempt++) {
      await expect(one.acquire(undefined)).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    }
  })

  it('refuses once it is closed, also those who were waiting', async () => {
    const { supervisor: one } = supervisor(refused)
    const waiting = one.acquire(undefined)
    await one.close()
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(one.acquire(undefined)).rejects.toMatchObject({
      code: 'CANCELLED',
      details: { outcome: 'not_processed' },
    })
  })
})

import { describe, expect, it } from 'vitest'
import { ConnectorError } from '@mcpclient/core'
import { createFakeClock, errorOf } from '@mcpclient/testing'
import { Supervisor } from '../../src/session/supervisor.ts'

describe('Supervisor', () => {
  const refused = () => Promise.reject(new Error('no'))
  const create = (connect: () => Promise<{ onLost: undefined; close(): Promise<void> }>, random = 1) => {
    const clock = createFakeClock()
    const states: string[] = []
    const supervisor = new Supervisor({
      serverId: 'docs',
      connect,
      clock,
      random: () => random,
      restarts: true,
      onState: (to) => states.push(to),
      onReconnected: () => states.push('reconnected'),
    })
    return { clock, states, supervisor }
  }

  it('connects once for all callers at the same time', async () => {
    let connects = 0
    const { supervisor } = create(() => {
      connects += 1
      return Promise.resolve({ onLost: undefined, close: () => Promise.resolve() })
    })
    const clients = await Promise.all([
      supervisor.acquire(undefined),
      supervisor.acquire(undefined),
      supervisor.acquire(undefined),
    ])
    expect(new Set(clients).size).toBe(1)
    expect(connects).toBe(1)
  })

  it('rejects for a caller that aborts, and continues for the others', async () => {
    let connect = (_client: { onLost: undefined; close(): Promise<void> }): void => undefined
    const { supervisor } = create(() => new Promise((resolve) => (connect = resolve)))
    const impatient = new AbortController()
    const [first, second] = [supervisor.acquire(impatient.signal), supervisor.acquire(undefined)]
    impatient.abort(new Error('enough'))
    await expect(first).rejects.toThrow('enough')
    connect({ onLost: undefined, close: () => Promise.resolve() })
    await expect(second).resolves.toBeDefined()
    expect(supervisor.state).toBe('ready')
  })

  it('waits longer after each failure in a row, and reports the wait', async () => {
    const { supervisor, clock } = create(() => Promise.reject(new ConnectorError('MCP_CONNECTION_ERROR', 'no')))
    const fail = () => errorOf(Promise.resolve(supervisor.acquire(undefined)))
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

  it('does not wait after a refused credential', async () => {
    const { supervisor } = create(() => Promise.reject(new ConnectorError('MCP_AUTHENTICATION_FAILURE', 'no')))
    for (let attempt = 0; attempt < 4; attempt++) {
      await expect(supervisor.acquire(undefined)).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    }
  })

  it('rejects once it is closed, also for callers that wait', async () => {
    const { supervisor } = create(refused)
    const waiting = supervisor.acquire(undefined)
    await supervisor.close()
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' })
    await expect(supervisor.acquire(undefined)).rejects.toMatchObject({
      code: 'CANCELLED',
      details: { outcome: 'not_processed' },
    })
  })
})

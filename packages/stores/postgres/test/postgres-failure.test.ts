import { causeOf } from '@mcpclient/core'
import { describe, expect, it } from 'vitest'
import { postgresStore } from '../src/index.ts'

/** Returns a driver that fails with a typical error, which contains the statement and its values. */
const failing = (code: string | undefined, times = Infinity) => {
  let asked = 0
  return {
    asked: () => asked,
    async query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly unknown[] }> {
      if (++asked > times) return { rows: [{ version: '7f6a9b7e-2d5c-4d9c-9a43-1f0e9b1c2d3e' }] }
      throw Object.assign(new Error(`failed on ${text} with ${String(values)}`), code === undefined ? {} : { code })
    },
  }
}

describe('postgres.js behind a pooler', () => {
  const sql = (options: object) => Object.assign(() => undefined, { unsafe: () => Promise.resolve([]), options })

  it.for([
    ['the port of PgBouncer', { port: [6432], host: ['db.internal'] }],
    ['the port of Supabase', { port: [5432, 6543], host: ['a', 'b'] }],
    ['a host that says so', { port: [5432], host: ['aws-0.pooler.supabase.com'], fetch_types: true }],
    ['a plain port', { port: 6432 }],
  ] as const)('is refused with fetch_types on %s', ([, options]) => {
    expect(() => postgresStore(sql(options))).toThrow(expect.objectContaining({ code: 'CONFIGURATION_ERROR' }))
    expect(() => postgresStore(sql({ ...options, fetch_types: false }))).not.toThrow()
  })

  it('is accepted without a pooler', () => {
    expect(() => postgresStore(sql({ port: [5432], host: ['localhost'], fetch_types: true }))).not.toThrow()
    expect(() => postgresStore({ unsafe: () => Promise.resolve([]) })).not.toThrow()
  })
})

describe('a failure of the database', () => {
  it.each([
    ['42P01', 'CONFIGURATION_ERROR', 'not_processed'],
    ['42501', 'CONFIGURATION_ERROR', 'not_processed'],
    ['28P01', 'CONFIGURATION_ERROR', 'not_processed'],
    ['57014', 'TIMEOUT', 'not_processed'],
    ['53300', 'MCP_CONNECTION_ERROR', 'not_processed'],
    ['57P01', 'MCP_CONNECTION_ERROR', 'unknown'],
    ['08006', 'MCP_CONNECTION_ERROR', 'unknown'],
    ['ECONNREFUSED', 'MCP_CONNECTION_ERROR', 'not_processed'],
    ['ENOTFOUND', 'MCP_CONNECTION_ERROR', 'not_processed'],
    ['EAI_AGAIN', 'MCP_CONNECTION_ERROR', 'not_processed'],
    ['EHOSTUNREACH', 'MCP_CONNECTION_ERROR', 'not_processed'],
    ['CONNECT_TIMEOUT', 'MCP_CONNECTION_ERROR', 'not_processed'],
    ['ETIMEDOUT', 'MCP_CONNECTION_ERROR', 'unknown'],
    ['EPIPE', 'MCP_CONNECTION_ERROR', 'unknown'],
    ['ECONNRESET', 'MCP_CONNECTION_ERROR', 'unknown'],
    ['CONNECTION_CLOSED', 'MCP_CONNECTION_ERROR', 'unknown'],
    [undefined, 'MCP_CONNECTION_ERROR', 'unknown'],
    ['22003', 'API_INTERNAL_ERROR', 'not_processed'],
  ])('%s is %s, and the outcome of a write is %s', async (state, code, outcome) => {
    const client = failing(state)
    const error: unknown = await postgresStore(client)
      .put('connection/acme', 'refresh-token')
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code, details: { outcome } })
    expect(client.asked()).toBe(1)
    expect(JSON.stringify(error) + String(error)).not.toMatch(/refresh-token|acme/)
    // It is there for who debugs the process.
    expect(String(causeOf(error))).toContain('refresh-token')
  })

  it('leaves the outcome of a batch unknown if its connection breaks', async () => {
    const client = failing('08006')
    const error: unknown = await postgresStore(client)
      .batch([{ key: 'connection/acme', value: 'refresh-token' }])
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', details: { outcome: 'unknown' } })
    expect(JSON.stringify(error) + String(error)).not.toMatch(/refresh-token|acme/)
  })

  it('has no outcome after a read', async () => {
    const error: unknown = await postgresStore(failing('08006'))
      .get('a')
      .catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'MCP_CONNECTION_ERROR', details: { outcome: undefined } })
  })

  it.each(['40001', '40P01'])('%s is transient: the statement is retried', async (state) => {
    const client = failing(state, 3)
    expect(await postgresStore(client).put('a', 'x')).toHaveProperty('version')
    expect(client.asked()).toBe(4)
  })

  it('is reported if the conflict persists', async () => {
    const client = failing('40001')
    await expect(postgresStore(client).put('a', 'x')).rejects.toThrow('SQLSTATE 40001')
    expect(client.asked()).toBe(100)
  })
})

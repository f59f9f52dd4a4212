import { errorOf, scriptedTransport } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { clientCredentials, defineConnector } from '@mcpclient/core/define'
import { demo } from '../demo-connector.ts'

const note = { id: 'n', text: 'x' }
const VAULT_MISSING = {
  code: 'CONFIGURATION_ERROR',
  details: { reason: 'vault_missing', hint: expect.stringContaining('@mcpclient/core/vault') as string },
}

describe('a client without a vault', () => {
  it('signs with the credential of the composition', async () => {
    const transport = scriptedTransport([{ json: note }])
    const mcp = createMcpClient({ connectors: { notes: demo({ token: 'app-token' }) }, transport })
    expect(await mcp.as('ada').notes.call('get_note', { id: 'n' })).toEqual(note)
    expect(transport.requests[0]?.headers['authorization']).toBe('Bearer app-token')
    expect(await mcp.as('ada').notes.isConnected()).toBe(true)
    expect(await mcp.as('ada').notes.status()).toMatchObject({ state: 'active', renews: false })
  })

  it('sends nothing for a tenant that would have to connect, and names what to compose', async () => {
    const transport = scriptedTransport([])
    const { notes } = createMcpClient({ connectors: { notes: demo() }, transport }).as('ada')
    await expect(notes.call('get_note', { id: 'n' })).rejects.toMatchObject({
      code: 'MCP_AUTHENTICATION_FAILURE',
      details: { reason: 'not_connected', hint: VAULT_MISSING.details.hint },
    })
    expect(transport.requests).toEqual([])
    expect(await notes.isConnected()).toBe(false)
    expect(await notes.health()).toMatchObject({ status: 'not_connected' })
  })

  it('names what to compose if a user would connect an account', async () => {
    const mcp = createMcpClient({ connectors: { notes: demo() } })
    const { notes } = mcp.as('ada')
    await expect(notes.connect({ token: 't' })).rejects.toMatchObject(VAULT_MISSING)
    await expect(notes.rotate({ token: 't' })).rejects.toMatchObject(VAULT_MISSING)
    await expect(mcp.completeAuthorization('/cb?state=x', 'ada')).rejects.toMatchObject(VAULT_MISSING)
    expect(await errorOf(() => mcp.vault)).toMatchObject(VAULT_MISSING)
    expect(await notes.disconnect()).toBe(false)
  })

  it('rejects a credential that obtains tokens, because they have to be refreshed', async () => {
    const reports = defineConnector({
      id: 'reports',
      name: 'Reports',
      baseUrl: 'https://reports.example/',
      auth: clientCredentials({ tokenUrl: 'https://reports.example/token' }),
      tools: {},
    })
    const connectors = { reports: reports({ clientId: 'id', clientSecret: 'secret' }) }
    expect(await errorOf(() => createMcpClient({ connectors }))).toMatchObject(VAULT_MISSING)
  })
})

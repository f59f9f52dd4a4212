import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { createMcpClient } from '@mcpclient/core'
import { vault } from '@mcpclient/core/vault'
import { app, madeUpProvider, redirectUri } from './made-up-provider.ts'

const names = ['\uD800', 'ada\uDFFF', '\uDC00ada', 'a\uD83Db']

describe.for(names)('a name with a lone surrogate: %j', (name) => {
  const provider = madeUpProvider()
  const mcp = createMcpClient({
    connectors: { notes: provider.connector('notes')(app) },
    transport: provider.transport(),
    vault: vault({ redirectUri }),
  })
  const invalid = { code: 'INVALID_INPUT' }

  it('is refused as a tenant', async () => {
    expect(await errorOf((async () => mcp.as(name).notes.call('read_note', {}))())).toMatchObject(invalid)
    expect(await errorOf((async () => mcp.as(name).notes.connect())())).toMatchObject(invalid)
    expect(await errorOf((async () => mcp.vault.list({ tenant: name }))())).toMatchObject(invalid)
    expect(await errorOf(mcp.vault.revoke({ tenant: name, reason: 'gone' }))).toMatchObject(invalid)
  })

  it('is refused as the name of a connection', async () => {
    expect(await errorOf((async () => mcp.as('ada').notes.at(name).call('read_note', {}))())).toMatchObject(invalid)
    expect(await errorOf((async () => mcp.as('ada').notes.at(name).connect())())).toMatchObject(invalid)
    expect(await errorOf(mcp.vault.revoke({ tenant: 'ada', connection: name, reason: 'gone' }))).toMatchObject(invalid)
  })
})

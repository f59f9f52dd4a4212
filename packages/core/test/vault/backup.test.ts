import { describe, expect, it } from 'vitest'
import { keyOf, keyService } from './key-service.ts'

const setUp = async () => {
  const service = keyService()
  const { ada, issue } = service
  await ada.keys.connect(issue('first'))
  expect(await ada.keys.setBackup(issue('spare'))).toEqual({ verified: true, account: { id: 'acct-1' } })
  return { ...service, call: () => ada.keys.call('write_note', {}) }
}

describe('a backup credential', () => {
  it('is used in the same call when the current key is refused', async () => {
    const { ada, call, end, events } = await setUp()
    end('first')
    expect(await call()).toEqual({ with: keyOf('spare') })
    expect(await ada.keys.status()).toMatchObject({ state: 'degraded', reason: 'backup_in_use' })
    expect(events.slice(1)).toMatchObject([
      { name: 'credential.backup_used', data: { tenant: 'ada', serverId: 'keys', used: 'backup' } },
      { name: 'connection.degraded', data: { reason: 'backup_in_use' } },
    ])
  })

  it('does not cost every call two requests, and is reported once', async () => {
    const { call, end, shown, transport, eventNames } = await setUp()
    end('first')
    const from = transport.requests.length
    for (let calls = 0; calls < 3; calls++) await call()
    expect(shown(from)).toEqual([keyOf('first'), keyOf('spare'), keyOf('spare'), keyOf('spare')])
    expect(eventNames().filter((name) => name === 'credential.backup_used')).toHaveLength(1)
  })

  it('is not used once the current key works again', async () => {
    const { ada, call, end, issue, clock, eventNames } = await setUp()
    end('first')
    await call()
    issue('first')
    expect(await call()).toEqual({ with: keyOf('spare') })
    await clock.advance(60_000)
    expect(await call()).toEqual({ with: keyOf('first') })
    expect(await ada.keys.status()).toMatchObject({ state: 'active', reason: undefined })
    expect(eventNames().at(-1)).toBe('connection.recovered')
  })

  it('stays in use without another event while the current key is refused', async () => {
    const { call, end, clock, shown, transport, eventNames } = await setUp()
    end('first')
    await call()
    await clock.advance(60_000)
    const from = transport.requests.length
    await call()
    await call()
    expect(shown(from)).toEqual([keyOf('first'), keyOf('spare'), keyOf('spare')])
    expect(eventNames().filter((name) => name === 'credential.backup_used')).toHaveLength(1)
  })

  it('is kept when the current key is rotated', async () => {
    const { ada, call, end, issue } = await setUp()
    end('first')
    await call()
    await ada.keys.rotate(issue('second'))
    expect(await call()).toEqual({ with: keyOf('second') })
    expect(await ada.keys.status()).toMatchObject({
      state: 'active',
      backup: { fingerprint: expect.any(String) as string },
    })
  })

  it('leads to needs_reauth if it is refused too, with the failure of the current key', async () => {
    const { ada, call, end, clock } = await setUp()
    end('first')
    end('spare')
    await expect(call()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(await ada.keys.status()).toMatchObject({ state: 'degraded', reason: 'credential_refused' })
    await clock.advance(60_000)
    await expect(call()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
    expect(await ada.keys.status()).toMatchObject({ state: 'needs_reauth' })
  })

  it('recovers a connection in needs_reauth', async () => {
    const { ada, call, end, clock, issue, eventNames } = await setUp()
    end('first')
    end('spare')
    await call().catch(() => undefined)
    await clock.advance(60_000)
    await call().catch(() => undefined)
    expect(await ada.keys.status()).toMatchObject({ state: 'needs_reauth' })
    await ada.keys.setBackup(issue('another'))
    expect(await call()).toEqual({ with: keyOf('another') })
    expect(await ada.keys.status()).toMatchObject({ state: 'degraded' })
    expect(eventNames().slice(-3)).toEqual(['connection.needs_reauth', 'credential.backup_used', 'connection.degraded'])
  })

  it('can be removed once', async () => {
    const { ada, call, end } = await setUp()
    expect(await ada.keys.removeBackup()).toBe(true)
    expect(await ada.keys.removeBackup()).toBe(false)
    end('first')
    await expect(call()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
  })

  it('is not used after a failure that is not a refusal', async () => {
    const { call, trouble, shown, transport } = await setUp()
    trouble.status = 500
    const from = transport.requests.length
    await expect(call()).rejects.toMatchObject({ code: 'MCP_SERVER_ERROR' })
    expect(shown(from)).toEqual([keyOf('first')])
  })

  it('is stored unverified if the provider cannot be reached', async () => {
    const { ada, issue, end } = keyService()
    await ada.plain.connect(issue('first'))
    expect(await ada.plain.setBackup(issue('spare'))).toMatchObject({ verified: false })
    end('first')
    expect(await ada.plain.call('read_note', {})).toEqual({ with: keyOf('spare') })
  })

  it('is deleted when the account is connected again', async () => {
    const { ada, issue, end } = await setUp()
    await ada.keys.connect(issue('again'))
    end('again')
    await expect(ada.keys.call('read_note', {})).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
  })
})

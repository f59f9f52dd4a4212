import { createHmac } from 'node:crypto'
import { activeSecrets, verifyRequest } from '@mcpclient/webhooks'
import { channelKey, hmac } from '@mcpclient/webhooks/schemes'
import { describe, expect, it } from 'vitest'

const HEADER = 'acme-signature'
const scheme = channelKey(hmac({ header: HEADER }))
const ADDRESS = 'https://app.example/hooks/board'
const [ADA, BOB] = [crypto.randomUUID(), crypto.randomUUID()]

const keyOf = async (channel: string, secret = 'host-secret') => scheme.issueToken?.(channel, [secret]) ?? ''

/** Verifies a delivery to an address that is signed with a key. */
function verdictOf(address: string, key: string, secrets = activeSecrets('host-secret')) {
  const headers = { [HEADER]: createHmac('sha256', key).update('{}').digest('hex') }
  return verifyRequest(new Request(address, { method: 'POST', body: '{}', headers }), { scheme, secrets, address })
}

describe('the key of a channel', () => {
  it('verifies the deliveries to the address of the channel, and proves it', async () => {
    const verdict = await verdictOf(`${ADDRESS}/${ADA}`, await keyOf(ADA))
    expect(verdict).toMatchObject({ verified: true, channels: [ADA], delivery: { channels: [ADA] } })
  })

  it.each([
    ['the key of another channel', () => keyOf(BOB)],
    ['the secret of the host', () => Promise.resolve('host-secret')],
    ['a key that was made with another secret', () => keyOf(ADA, 'another-secret')],
  ])('refuses %s', async (_what, key) => {
    expect(await verdictOf(`${ADDRESS}/${ADA}`, await key())).toMatchObject({ verified: false, status: 401 })
  })

  it('is accepted while the secret of the host is replaced', async () => {
    const secrets = activeSecrets(['next-secret', 'host-secret'])
    expect((await verdictOf(`${ADDRESS}/${ADA}`, await keyOf(ADA), secrets)).verified).toBe(true)
    expect((await verdictOf(`${ADDRESS}/${ADA}`, await keyOf(ADA), activeSecrets('next-secret'))).verified).toBe(false)
  })

  it('is not needed at the address alone, where the secret of the host proves no channel', async () => {
    const verdict = await verdictOf(ADDRESS, 'host-secret')
    expect(verdict).toMatchObject({ verified: true, delivery: { channels: [] } })
    expect(verdict).not.toHaveProperty('channels')
    expect((await verdictOf(ADDRESS, await keyOf(ADA))).verified).toBe(false)
  })
})

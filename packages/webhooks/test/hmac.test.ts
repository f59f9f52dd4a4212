import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { hmac } from '../src/schemes.ts'
import type { HmacOptions } from '../src/schemes.ts'
import { bytesOf, mac, NOW, outcome, sent } from './sent.ts'

const seconds = { header: 'x-timestamp', unit: 's' } as const

describe('hmac()', () => {
  it.each([
    ['a timestamp that is not signed', { timestamp: seconds }, 'does not cover the timestamp'],
    ['an id that is not signed', { idHeader: 'x-id' }, 'does not cover the id'],
    ['a timestamp without a place', { content: '{timestamp}.{body}' }, 'needs a timestamp'],
    ['an id without a place', { content: '{id}.{body}' }, 'needs a id'],
    ['a signature without the body', { content: '{timestamp}', timestamp: seconds }, 'needs {body} once'],
    ['a body that is signed twice', { content: '{body}{body}' }, 'needs {body} once'],
    ['an unknown part', { content: '{path}{body}' }, 'unknown part {path}'],
    ['an id without a separator', { content: '{id}{body}', idHeader: 'x-id' }, 'needs a separator'],
    ['an id behind the body without a separator', { content: '{body}{id}.', idHeader: 'x-id' }, 'needs a separator'],
    ['no limit of age', { content: '{timestamp}{body}', timestamp: seconds, maxAgeMs: Infinity }, 'maxAgeMs'],
    ['a negative lead', { content: '{timestamp}{body}', timestamp: seconds, maxLeadMs: -1 }, 'maxLeadMs'],
    ['an unknown hash', { hash: 'MD5' as 'SHA-1' }, 'MD5'],
  ] satisfies [string, Partial<HmacOptions>, string][])('refuses %s', async (_, options, message) => {
    const error = await errorOf(() => hmac({ header: 'x-signature', ...options }))
    expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR', message: expect.stringContaining(message) as string })
  })

  it('verifies each hash and each encoding of the key', async () => {
    const key = bytesOf('key of some bytes')
    const hex = Buffer.from(key).toString('hex')
    const scheme = hmac({ header: 'x-signature', secretEncoding: 'hex', secretPrefix: 'key_', hash: 'SHA-1' })
    const request = sent({ body: 'x', headers: { 'x-signature': mac(key, 'x', 'hex', 'sha1') } })
    for (const secret of [hex, `key_${hex}`]) {
      expect(scheme.secretFault?.(secret)).toBeUndefined()
      expect(await outcome(scheme, [secret], request)).toBe('verified')
    }
    expect(scheme.secretFault?.('key_xyz')).toBe('must be key_ and hex')
    expect(await outcome(scheme, ['key_xyz'], request)).toBe('secret_unusable')
    expect(await outcome(scheme, ['key_xyz', hex], request)).toBe('verified')
  })

  it('does not let characters move between the id and the timestamp beside it', async () => {
    const scheme = hmac({
      header: 'x-signature',
      content: '{id}.{timestamp}.{body}',
      timestamp: seconds,
      idHeader: 'x-id',
    })
    const at = String(NOW / 1000)
    const signature = mac('secret', `one.${at}.${at}.{}`)
    const good = { 'x-signature': signature, 'x-id': 'one', 'x-timestamp': at }
    expect(await outcome(scheme, ['secret'], sent({ headers: good, body: `${at}.{}` }))).toBe('verified')
    const moved = { ...good, 'x-id': `one.${at}` }
    expect(await outcome(scheme, ['secret'], sent({ headers: moved, body: '{}' }))).toBe('id_malformed')
  })

  it('verifies the bytes of an empty body', async () => {
    const scheme = hmac({ header: 'x-signature' })
    expect(await outcome(scheme, ['s'], sent({ headers: { 'x-signature': mac('s', '') } }))).toBe('verified')
  })
})

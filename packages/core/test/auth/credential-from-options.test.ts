import { describe, expect, it } from 'vitest'
import { credentialFromOptions } from '@mcpclient/core'
import { basic, noAuth } from '@mcpclient/core/define'
import type { AuthStrategy } from '@mcpclient/core/define'

const from = (options: Readonly<Record<string, unknown>>, auth: AuthStrategy = basic()) =>
  credentialFromOptions(options, { id: 'mail', auth })

describe('credentialFromOptions', () => {
  it("returns the strategy's fields and nothing else", () => {
    expect(from({ username: 'app', password: 'secret', url: 'x' })).toEqual({ username: 'app', password: 'secret' })
  })

  it('returns undefined if each tenant connects its own credential', () => {
    expect(from({ url: 'x' })).toBeUndefined()
  })

  it('returns an empty credential for a strategy that needs none', () => {
    expect(from({}, noAuth)).toEqual({})
  })

  it('names the fields that are missing', () => {
    for (const password of [undefined, '', 7]) {
      expect(() => from({ username: 'app', password })).toThrow('mail was composed with an incomplete credential.')
    }
  })

  it('refuses a credential of a strategy that each tenant has to connect', () => {
    const auth: AuthStrategy = { ...basic(), holders: ['connection'] }
    expect(() => from({ username: 'app', password: 'secret' }, auth)).toThrow('does not accept a credential')
  })
})

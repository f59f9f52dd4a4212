import { errorOf } from '@mcpclient/testing'
import { describe, expect, it } from 'vitest'
import { activeSecrets } from '../src/index.ts'
import { sendgrid, sharedToken, standardWebhooks } from '../src/schemes.ts'

describe('activeSecrets()', () => {
  it('returns one secret or several', () => {
    expect(activeSecrets('one')).toEqual(['one'])
    expect(activeSecrets(['one', 'two'])).toEqual(['one', 'two'])
  })

  it.each([
    [undefined],
    [null],
    [[]],
    [''],
    [' '],
    ['\n\t'],
    [['one', '']],
    [['one', undefined]],
    [[null]],
    [0],
    [{}],
    [['one', ['two']]],
    ['secret\n'],
    [' secret'],
    [['1', '2', '3', '4', '5', '6']],
  ])('W5: refuses %j at construction', async (value) => {
    expect(await errorOf(() => activeSecrets(value as never))).toMatchObject({ code: 'CONFIGURATION_ERROR' })
  })

  it('accepts five secrets, and tokens of 512 characters', () => {
    expect(activeSecrets(['1', '2', '3', '4', '5'])).toHaveLength(5)
    expect(activeSecrets('x'.repeat(512), sharedToken({ header: 'x-token' }))).toHaveLength(1)
  })

  it('refuses a secret that the scheme cannot use, without a word of it', async () => {
    const faulty = [
      [standardWebhooks(), 'whsec_not base64!'],
      [standardWebhooks(), 'whsec_===='],
      [standardWebhooks(), 'whpk_AAAA'],
      [sendgrid(), 'MFkwEwYHKoZIzj0CAQ=='],
      [sharedToken({ header: 'x-token' }), 'x'.repeat(513)],
    ] as const
    for (const [scheme, secret] of faulty) {
      const error = await errorOf(() => activeSecrets(['whsec_AAAA', secret].slice(1), scheme))
      expect(error).toMatchObject({ code: 'CONFIGURATION_ERROR' })
      expect(JSON.stringify(error)).not.toContain(secret)
    }
  })
})

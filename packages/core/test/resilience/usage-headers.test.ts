import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readUsage } from '../../src/resilience/usage-headers.ts'

describe('readUsage', () => {
  test('Meta by app: the greatest percentage', () => {
    expect(readUsage('{"call_count":28,"total_time":25,"total_cputime":41}')).toEqual({ share: 0.41 })
  })

  test('Meta by business: the worst of all accounts and kinds, and minutes until access comes back', () => {
    const header = JSON.stringify({
      '112': [
        { type: 'pages', call_count: 12, total_cputime: 1, total_time: 1, estimated_time_to_regain_access: 0 },
        { type: 'instagram', call_count: 100, total_cputime: 20, total_time: 95, estimated_time_to_regain_access: 19 },
      ],
      '111': [{ type: 'pages', call_count: 100, total_cputime: 1, total_time: 1, estimated_time_to_regain_access: 7 }],
      '113': [{ type: 'pages', call_count: 100, total_cputime: 1, total_time: 1, estimated_time_to_regain_access: 3 }],
    })
    expect(readUsage(header)).toEqual({ share: 1, regainMs: 19 * 60_000 })
  })

  test('Salesforce: used of total, and no time', () => {
    expect(readUsage('api-usage=18/5000')).toEqual({ share: 0.0036, remaining: 4982 })
    expect(readUsage('per-app-api-usage=17/250(appName=sample); api-usage=25/5000')).toMatchObject({ remaining: 4975 })
    expect(readUsage('api-usage=5100/5000')).toMatchObject({ remaining: 0 })
  })

  test('Microsoft Graph: a share, which may be more than all', () => {
    expect(readUsage('0.8')).toEqual({ share: 0.8 })
    expect(readUsage('1.8')).toEqual({ share: 1.8 })
  })

  test.each(['', '{', '{}', '{"a":[[[]]],"b":null}', '[1]', 'null', 'api-usage=', 'api-usage=a/b', '-1', '12345'])(
    'reads nothing from %j',
    (text) => {
      expect(readUsage(text)).toEqual({})
    },
  )

  test('no JSON makes it throw', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.json(),
          fc.string().map((text) => `{${text}`),
        ),
        (text) => {
          expect(() => readUsage(text)).not.toThrow()
        },
      ),
    )
  })
})

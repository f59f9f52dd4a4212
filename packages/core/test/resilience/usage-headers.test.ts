import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readUsage } from '../../src/resilience/usage-headers.ts'

describe('readUsage', () => {
  it('reads the highest percentage of Meta by app', () => {
    expect(readUsage('{"call_count":28,"total_time":25,"total_cputime":41}')).toEqual({ share: 0.41 })
  })

  it('reads the worst account and kind of Meta by business, and the minutes until access returns', () => {
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

  it('reads used and total of Salesforce, without a time', () => {
    expect(readUsage('api-usage=18/5000')).toEqual({ share: 0.0036, remaining: 4982 })
    expect(readUsage('per-app-api-usage=17/250(appName=sample); api-usage=25/5000')).toMatchObject({ remaining: 4975 })
    expect(readUsage('api-usage=5100/5000')).toMatchObject({ remaining: 0 })
  })

  it('reads the share of Microsoft Graph, which may exceed 1', () => {
    expect(readUsage('0.8')).toEqual({ share: 0.8 })
    expect(readUsage('1.8')).toEqual({ share: 1.8 })
  })

  it.each(['', '{', '{}', '{"a":[[[]]],"b":null}', '[1]', 'null', 'api-usage=', 'api-usage=a/b', '-1', '12345'])(
    'reads nothing from %j',
    (text) => {
      expect(readUsage(text)).toEqual({})
    },
  )

  it('never throws, for any JSON', () => {
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

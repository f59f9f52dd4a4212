import { get } from '@mcpclient/core/define'
import { describe, expect, it } from 'vitest'
import { GRAPH_VERSION, graphPages, graphVersion } from '../src/index.ts'

const request = get('me/notes', { limit: 2 })
const headers = { get: () => null }
const next = (paging: unknown) => graphPages().next({ status: 200, headers, body: { data: [], paging } }, request)

describe('the next page', () => {
  it('has the cursor, and not the token in the URL of the provider', () => {
    const paging = {
      cursors: { before: 'a', after: 'b' },
      next: 'https://graph.facebook.com/me/notes?access_token=EAAJ',
    }
    expect(next(paging)).toEqual(get('me/notes', { limit: 2, after: 'b' }))
  })

  it('is not requested after the last page, which has a cursor as well', () => {
    expect(next({ cursors: { before: 'a', after: 'b' } })).toBeUndefined()
    expect(next(undefined)).toBeUndefined()
  })

  it('is not requested without a cursor', () => {
    expect(next({ next: 'https://graph.facebook.com/me/notes?until=1' })).toBeUndefined()
  })
})

describe('the version', () => {
  it('has a default', () => {
    expect(graphVersion.parse(undefined)).toBe(GRAPH_VERSION)
    expect(graphVersion.parse('v26.0')).toBe('v26.0')
  })

  it.each(['25.0', 'v25', 'v25.0/me', '../v25.0'])('cannot be %s', (version) => {
    expect(graphVersion.safeParse(version).success).toBe(false)
  })
})

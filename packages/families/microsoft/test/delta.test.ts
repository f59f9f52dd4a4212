import { describe, expect, it } from 'vitest'
import { deltaPage } from '../src/index.ts'

const NEXT = 'https://graph.microsoft.com/v1.0/me/notes/delta?$skiptoken=R0us%2Fmc'
const DELTA = 'https://graph.microsoft.com/v1.0/me/notes/delta?$deltatoken=R0usmcMDNGg0J1E'

const parsed = (body: unknown, page = deltaPage()) => {
  const result = page.safeParse(body)
  return result.success ? result.data : undefined
}

describe('a delta page', () => {
  it('separates items from removals, and keeps both links as they are', () => {
    const kept = { id: 'a', '@odata.etag': 'W/"1"', subject: 'Reed' }
    expect(
      parsed({
        '@odata.context': 'x',
        '@odata.nextLink': NEXT,
        value: [kept, { id: 'b', '@removed': { reason: 'deleted' } }, { id: 'c', '@removed': { reason: 'changed' } }],
      }),
    ).toEqual({ changed: [kept], removed: ['b', 'c'], page: NEXT, checkpoint: undefined })
    expect(parsed({ '@odata.deltaLink': DELTA, value: [] })).toEqual({
      changed: [],
      removed: [],
      page: undefined,
      checkpoint: DELTA,
    })
  })

  it('accepts an empty page that has a next one (S4)', () => {
    expect(parsed({ '@odata.nextLink': NEXT, value: [] })).toMatchObject({ changed: [], page: NEXT })
  })

  it('counts an item that is listed twice once, in its last state', () => {
    const value = [
      { id: 'a', subject: 'one' },
      { id: 'b', subject: 'one' },
      { id: 'a', subject: 'two' },
      { id: 'b', '@removed': { reason: 'deleted' } },
    ]
    expect(parsed({ '@odata.deltaLink': DELTA, value })).toMatchObject({
      changed: [{ id: 'a', subject: 'two' }],
      removed: ['b'],
    })
    expect(parsed({ '@odata.deltaLink': DELTA, value: value.toReversed() })).toMatchObject({
      changed: [
        { id: 'b', subject: 'one' },
        { id: 'a', subject: 'one' },
      ],
      removed: [],
    })
  })

  it('leaves out what is no record, and never a removal', () => {
    const page = deltaPage({ isRecord: ({ type }) => type !== 'occurrence' })
    const value = [
      { id: 'a', type: 'seriesMaster' },
      { id: 'b', type: 'occurrence' },
      { id: 'c', type: 'occurrence', '@removed': { reason: 'deleted' } },
    ]
    expect(parsed({ '@odata.deltaLink': DELTA, value }, page)).toMatchObject({
      changed: [{ id: 'a' }],
      removed: ['c'],
    })
  })

  it.each([
    ['a web page', '<html>Sign in</html>'],
    ['an empty body', undefined],
    ['null', null],
    ['an object without items', { '@odata.deltaLink': DELTA }],
    ['items that are no list', { value: {}, '@odata.deltaLink': DELTA }],
    ['an item without id', { value: [{ subject: 'x' }], '@odata.deltaLink': DELTA }],
    ['a removal without id', { value: [{ '@removed': { reason: 'deleted' } }], '@odata.deltaLink': DELTA }],
    ['a link that is no URL', { value: [], '@odata.nextLink': 'me/notes/delta?$skiptoken=1' }],
    ['a link with another scheme', { value: [], '@odata.deltaLink': 'file:///etc/passwd' }],
    ['a link that is empty', { value: [], '@odata.nextLink': '' }],
    ['an error with a success status', { error: { code: 'resyncRequired' } }],
  ])('is not %s (S9)', (_what, body) => {
    expect(parsed(body)).toBeUndefined()
  })
})

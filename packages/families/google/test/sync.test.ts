import { describe, expect, it } from 'vitest'
import { syncPage } from '../src/index.ts'

const page = syncPage('items', { isRemoved: ({ state }) => state === 'deleted' })
const parsed = (body: unknown) => {
  const result = page.safeParse(body)
  return result.success ? result.data : undefined
}

describe('a page', () => {
  it('separates items from removals, and the page token from the sync token', () => {
    const kept = { id: 'a', state: 'kept', more: 1 }
    expect(parsed({ items: [kept, { id: 'b', state: 'deleted' }], nextPageToken: 'p2' })).toEqual({
      changed: [kept],
      removed: ['b'],
      page: 'p2',
      checkpoint: undefined,
    })
    expect(parsed({ items: [], nextSyncToken: 's1' })).toEqual({ changed: [], removed: [], checkpoint: 's1' })
  })

  it('accepts an empty page that has a next one, and an absent list beside a token', () => {
    expect(parsed({ items: [], nextPageToken: 'p2' })).toMatchObject({ changed: [], page: 'p2' })
    expect(parsed({ nextSyncToken: 's1' })).toMatchObject({ changed: [], checkpoint: 's1' })
  })

  it('reports the ids that an item had before as removed', () => {
    const renamed = syncPage('items', { isRemoved: () => false, formerIds: ({ before }) => [String(before)] })
    expect(renamed.safeParse({ items: [{ id: 'b', before: 'a' }] })).toMatchObject({
      success: true,
      data: { changed: [{ id: 'b' }], removed: ['a'] },
    })
  })

  it('reads the ids of another field', () => {
    const people = syncPage('people', { id: 'name', isRemoved: () => true })
    expect(people.safeParse({ people: [{ name: 'people/c1' }], nextSyncToken: 's' })).toMatchObject({
      success: true,
      data: { removed: ['people/c1'] },
    })
  })

  it.each([
    ['a web page', '<html>Sign in</html>'],
    ['an empty body', undefined],
    ['null', null],
    ['an object without items and tokens', { ok: true }],
    ['a list', []],
    ['items that are no list', { items: {}, nextSyncToken: 's1' }],
    ['null items', { items: null, nextSyncToken: 's1' }],
    ['an item without id', { items: [{ state: 'deleted' }], nextSyncToken: 's1' }],
    ['an item with an empty id', { items: [{ id: '' }], nextSyncToken: 's1' }],
    ['an empty token', { items: [], nextSyncToken: '' }],
    ['a token that is a number', { items: [], nextPageToken: 2 }],
  ])('is not %s (S9)', (_what, body) => {
    expect(parsed(body)).toBeUndefined()
  })
})

import type { Store } from '@mcpclient/core'
import { pagesOf } from './pages.ts'
import { must, mustBe } from '../broken-promise.ts'
import { atOnce, storeCheck, write } from './store-check.ts'

export const lists = [
  storeCheck('a prefix with nothing under it lists nothing', async ({ store, key }) => {
    const { entries, next } = await store.list(key('nobody/'))
    mustBe([entries, next], [[], undefined], 'list must return no entries and no next where nothing is.')
  }),

  storeCheck('list returns key, value and version, as get does', async ({ store, key }) => {
    const one = await write(store, key('1'), 'one')
    const two = await write(store, key('2'), '')
    const { entries } = await store.list(key(''))
    const found = entries.map((entry) => ({ key: entry.key, value: entry.value, version: entry.version }))
    const expected = [
      { key: key('1'), value: 'one', version: one },
      { key: key('2'), value: '', version: two },
    ]
    mustBe(found, expected, 'list must return key, value and version of each entry.')
  }),

  storeCheck('a deleted key is not listed, and one that is written again is listed once', async ({ store, key }) => {
    await atOnce(3, (index) => write(store, key(String(index)), 'here'))
    await store.delete(key('1'))
    mustBe(await namesUnder(store, key('')), ['0', '2'], 'list must not show a deleted key.')
    await write(store, key('1'), 'again')
    mustBe(await namesUnder(store, key('')), ['0', '1', '2'], 'list must show a key once that was written again.')
  }),

  storeCheck('entries come in ascending order of key', async ({ store, key }) => {
    const ordered = ['!', '%', '-', '.', '0', '10', '9', 'A', 'Z', 'Za', '_', 'a', 'aB', 'aa', 'b', '{', '~']
    await writeAll(store, key, ordered.toReversed())
    const promise = 'list must sort by ASCII ("Z" before "a", "10" before "9"), whatever language is set.'
    mustBe(await namesUnder(store, key('')), ordered, promise)
  }),

  storeCheck(
    'a prefix matches from the first character on, exactly, and nothing in it is a wildcard',
    async (subject) => {
      const { store, key } = subject
      const names = [
        'a',
        'a/',
        'a/b',
        'a/b/c',
        'a/bc',
        'ab',
        'ab/c',
        'A/b',
        'b/a/b',
        'a%b/1',
        'a%%b/1',
        'axb/1',
        'a_b/1',
      ]
      const more = [
        'a*b/1',
        'a?b/1',
        'a.b/1',
        'a[x]b/1',
        'a[^x]b/1',
        'a{x}b/1',
        'a\\b/1',
        "a'b/1",
        'a~/1',
        'a~~/1',
        '~',
      ]
      await writeAll(store, key, [...names, ...more])
      const prefixes = ['a', 'a/', 'a/b', 'a/b/', 'ab', 'A', 'a%', 'a%b', 'a_', 'a_b', 'a*', 'a?', 'a.', 'a[x]', 'a\\']
      for (const prefix of [...prefixes, '%', '_', '*', "a'", 'a{', 'a~', 'a~~', '~', 'c']) {
        const expected = [...names, ...more].filter((name) => name.startsWith(prefix)).toSorted()
        const found = await namesUnder(store, key(prefix), key(''))
        const promise = `list(${JSON.stringify(prefix)}) must return the keys that start with exactly that.`
        mustBe(found.toSorted(), expected, promise)
      }
    },
  ),

  storeCheck('after starts behind a key, whether that key exists or not', async ({ store, key }) => {
    await writeAll(store, key, ['p/b', 'p/d', 'p/f', 'q/a'])
    const namesAfter = async (after: string): Promise<readonly string[]> =>
      (await store.list(key('p/'), { after: key(after) })).entries.map((entry) => entry.key.slice(key('').length))
    mustBe(await namesAfter('p/b'), ['p/d', 'p/f'], 'list must leave out the key that `after` names.')
    mustBe(await namesAfter('p/c'), ['p/d', 'p/f'], '`after` must work with a key that is not there.')
    mustBe(await namesAfter('a'), ['p/b', 'p/d', 'p/f'], '`after` in front of the prefix must leave nothing out.')
    mustBe(await namesAfter('p/f'), [], '`after` the last key must leave nothing.')
    mustBe(await namesAfter('z'), [], '`after` behind the prefix must leave nothing.')
  }),

  storeCheck('pages hold each key once and no more keys than the limit', async ({ store, key }) => {
    const names = Array.from({ length: 12 }, (_, index) => `n${String(index).padStart(2, '0')}`)
    await writeAll(store, key, names)
    for (const limit of [1, 3, 5, 12, 100]) {
      const seen: string[] = []
      for await (const page of pagesOf(store, key(''), limit)) {
        must(page.length <= limit, `list with limit ${limit} must return at most ${limit} entries.`)
        seen.push(...page)
      }
      mustBe(seen, names, `Pages of ${limit} together must hold each key once, in order.`)
    }
  }),

  storeCheck('paging returns every key that stays, despite writes and deletes in between', async ({ store, key }) => {
    const staying = Array.from({ length: 10 }, (_, index) => `n${index}`)
    await writeAll(store, key, [...staying, ...staying.map((name) => `${name}-leaving`)])
    const seen: string[] = []
    for await (const page of pagesOf(store, key(''), 3)) {
      seen.push(...page)
      const last = page.at(-1) ?? ''
      // This includes the key behind which the next page starts.
      await store.delete(key(`${last.slice(0, 2)}-leaving`))
      await writeAll(store, key, ['a-first', `${last}-new`])
    }
    mustBe(new Set(seen).size, seen.length, 'Paging must not return a key twice.')
    const promise = 'Paging must return each key that is there all the time, however many come and go.'
    mustBe(
      staying.filter((name) => !seen.includes(name)),
      [],
      promise,
    )
  }),
]

const writeAll = (store: Store, key: (name: string) => string, names: readonly string[]): Promise<unknown> =>
  atOnce(names.length, (index) => write(store, key(names[index] ?? ''), `value of ${names[index]}`))

/** Returns the keys under the prefix over all pages, without the part that all keys of the check begin with. */
async function namesUnder(store: Store, prefix: string, scope = prefix): Promise<readonly string[]> {
  const names: string[] = []
  for await (const page of pagesOf(store, prefix, undefined, scope)) names.push(...page)
  return names
}

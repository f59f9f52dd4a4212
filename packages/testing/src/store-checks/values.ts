import { unfitKeys } from './unfit-keys.ts'
import { must, mustBe } from '../broken-promise.ts'
import { atOnce, codeOf, refusalOf, storeCheck, write } from './store-check.ts'

const MIB = 1_048_576
/** The length of 1 MiB after `encrypted()`: base64 uses four characters for three bytes. */
const ENCRYPTED_MIB = 1_400_000
const MAX_KEY = 512

/** Strings that careless storage changes: quotes, line ends, outer spaces, and strings like a number or null. */
export const awkwardTexts = [
  ' spaces at both ends ',
  'line one\nline two\r\n\tand a tab',
  `quotes ' " \` and a backslash \\`,
  'null',
  '0123',
  '1e3',
  '{"a": 1,  "a": 2}',
  'ünïcödé 中文 🙂 é and e\u0301',
  '\uFEFFa byte order mark first',
]

/** Strings that UTF-8 cannot encode, or in which C sees the end of the string. */
export const unfitTexts = ['half of \ud83d a pair', 'the other half \ude42', 'a \0 in it', 'one at the end \0']

export const values = [
  storeCheck('a key that was never written reads as undefined', async ({ store, key }) => {
    mustBe(await store.get(key('nobody')), undefined, 'get must return undefined for a key that was never written.')
  }),

  storeCheck('get returns the stored value with the version that put returned', async ({ store, key }) => {
    const version = await write(store, key('a'), 'one')
    mustBe(
      await store.get(key('a')),
      { value: 'one', version },
      'get must return the value and the version of the put.',
    )
  }),

  storeCheck('a second put replaces the first', async ({ store, key }) => {
    await write(store, key('a'), 'one')
    const version = await write(store, key('a'), 'two')
    mustBe(await store.get(key('a')), { value: 'two', version }, 'put must replace the value that was there.')
  }),

  storeCheck('an empty value is a value', async ({ store, key }) => {
    await write(store, key('a'), '')
    mustBe(
      (await store.get(key('a')))?.value,
      '',
      'An empty value must be returned as an empty string, not as undefined.',
    )
  }),

  storeCheck('strings are returned exactly', async ({ store, key }) => {
    for (const [index, text] of awkwardTexts.entries()) {
      await write(store, key(`text-${index}`), text)
      mustBe((await store.get(key(`text-${index}`)))?.value, text, 'A value must be returned character for character.')
    }
  }),

  storeCheck(
    'strings without UTF-8 and strings with U+0000 are returned exactly or rejected',
    async ({ store, key }) => {
      for (const [index, text] of unfitTexts.entries()) {
        const refusal = await refusalOf(store.put(key(`text-${index}`), text))
        const promise =
          'A value with half a surrogate pair or U+0000 must be returned exactly, or be rejected and not be stored.'
        mustBe((await store.get(key(`text-${index}`)))?.value, refusal === undefined ? text : undefined, promise)
      }
    },
  ),

  storeCheck('a value of 1 MiB is returned whole, as is its encrypted() form', async ({ store, key }) => {
    for (const size of [MIB, ENCRYPTED_MIB]) {
      // The content varies, to detect a store that swaps or repeats pieces.
      const text = Array.from({ length: size / 8 }, (_, index) => index.toString(36).padStart(8, '.')).join('')
      await write(store, key('large'), text)
      mustBe((await store.get(key('large')))?.value, text, `A value of ${size} characters must be returned whole.`)
    }
  }),

  storeCheck('keys of 512 characters that differ in the last one are distinct', async ({ store, key }) => {
    const long = key('').padEnd(MAX_KEY - 1, 'k')
    await write(store, `${long}1`, 'one')
    await write(store, `${long}2`, 'two')
    mustBe((await store.get(`${long}1`))?.value, 'one', 'A key of 512 characters must not be cut.')
    mustBe((await store.get(`${long}2`))?.value, 'two', 'A key of 512 characters must not be cut.')
  }),

  storeCheck('a key that is not 1 to 512 characters of printable ASCII is rejected', async ({ store, key }) => {
    for (const [shown, unfit] of unfitKeys(key)) {
      const code = codeOf(await refusalOf(store.put(unfit, 'one')))
      const promise = `put of ${shown} must be refused with INVALID_INPUT: databases do not agree on such keys.`
      mustBe(code, 'INVALID_INPUT', promise)
      mustBe(await store.get(unfit), undefined, `get of ${shown} must return undefined.`)
      must(!(await store.delete(unfit)), `delete of ${shown} must return false.`)
      if (unfit !== '') mustBe(await store.list(unfit), { entries: [] }, `list of ${shown} must find nothing.`)
    }
  }),

  storeCheck('similar keys are different keys', async ({ store, key }) => {
    const alike = ['a', 'A', 'a ', ' a', 'a/', '/a', 'a//', 'a.', 'a%20', 'a+', '1', '01', '1.0', '__proto__', "a''"]
    await atOnce(alike.length, (index) => write(store, key(alike[index] ?? ''), `value ${index}`))
    for (const [index, name] of alike.entries()) {
      const promise = `The key ${JSON.stringify(name)} must hold its own value, whatever is stored under keys like it.`
      mustBe((await store.get(key(name)))?.value, `value ${index}`, promise)
    }
  }),

  storeCheck('writing or deleting one key leaves the others alone', async ({ store, key }) => {
    const version = await write(store, key('mine'), 'mine')
    await write(store, key('other'), 'one')
    await write(store, key('other'), 'two')
    await store.delete(key('other'))
    const promise = 'A key must keep its value and its version while others are written and deleted.'
    mustBe(await store.get(key('mine')), { value: 'mine', version }, promise)
  }),

  storeCheck('delete returns whether it removed a key', async ({ store, key }) => {
    await write(store, key('a'), 'one')
    must(await store.delete(key('a')), 'delete must return true for a key that was there.')
    mustBe(await store.get(key('a')), undefined, 'A deleted key must read as undefined.')
    must(!(await store.delete(key('a'))), 'delete must return false for a key that was deleted before.')
    must(!(await store.delete(key('nobody'))), 'delete must return false for a key that was never written.')
  }),
]

import { expect, it } from 'vitest'
import { scripts } from '../src/scripts.ts'

/** Commands without a key. */
const KEYLESS = new Set(['TIME', 'INFO'])

it.each(Object.entries(scripts))('%s uses only keys that are passed to it, as a cluster requires', (_, script) => {
  const calls = [...script.matchAll(/redis\.call\('(\w+)'(?:, ([^,)]+))?/g)]
  expect(calls.length).toBeGreaterThan(0)
  for (const [, command = '', first = ''] of calls) if (!KEYLESS.has(command)) expect(first).toMatch(/^KEYS\[/)
})

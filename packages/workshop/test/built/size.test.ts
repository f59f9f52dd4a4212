import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, inject, it } from 'vitest'
import { bundleSize } from '../../src/bundle-size.ts'

interface Budget {
  /** Most bytes, minified and gzipped, of all chunks. */
  readonly bytes: number
  /** Most bytes of what loading the entry loads, where chunks that come on first use make a difference. */
  readonly initialBytes?: number
  /** The modules that a host has anyway, which are not counted. */
  readonly without: readonly string[]
}

const budgets = JSON.parse(readFileSync(join(import.meta.dirname, '../../budgets.json'), 'utf8')) as Record<
  string,
  Budget
>
const consumer = inject('consumer')
const specifiers = consumer.packages.flatMap((each) => each.specifiers)
/** They run beside a test runner or a process, never in a page. */
const NOT_FOR_BROWSERS = new Set(['@mcpclient/create-connector', '@mcpclient/testing'])

describe('a bundle for a browser', () => {
  const measured = Object.entries(budgets).filter(([specifier]) => specifiers.includes(specifier))
  it.each(measured)(
    'contains no module of Node and stays within its budget for %s',
    async (specifier, { bytes, initialBytes = bytes, without }) => {
      const size = await bundleSize(consumer.folder, specifier, without)
      process.stdout.write(`${specifier}: ${size.bytes} of ${bytes} bytes, ${size.initialBytes} at first\n`)
      expect(size.bytes).toBeGreaterThan(0)
      expect(size.bytes).toBeLessThanOrEqual(bytes)
      expect(size.initialBytes).toBeLessThanOrEqual(initialBytes)
    },
  )

  it('has a budget for each package that may reach one', () => {
    const named = consumer.packages.map(({ name }) => name).filter((name) => !NOT_FOR_BROWSERS.has(name))
    expect(named.filter((name) => budgets[name] === undefined)).toEqual([])
  })

  it('fails on a module of Node', async () => {
    await expect(bundleSize(consumer.folder, 'node:fs', [])).rejects.toThrow(/node:fs/)
  })
})

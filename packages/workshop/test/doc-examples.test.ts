import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { compile, examplesIn, examplesOfPages, pagesOf } from '../src/doc-examples.ts'
import { deadPageLinks } from '../src/doc-links.ts'
import { root } from '../src/tree.ts'

it('compiles the examples of the pages with the options of the sources', { timeout: 400_000 }, () => {
  const examples = examplesOfPages(root)
  expect(examples.length).toBeGreaterThan(10)
  expect(compile(root, examples)).toEqual([])
})

it('reports an example that does not compile, with its place', { timeout: 120_000 }, () => {
  const page = [
    '# Page',
    '```ts',
    "import { createMcpClient } from '@mcpclient/core'",
    'createMcpClient({})',
    '```',
  ].join('\n')
  expect(compile(root, examplesIn('docs/page.md', page))).toEqual([expect.stringContaining('docs/page.md:3')])
})

it('continues the last block with imports in a block without them', { timeout: 120_000 }, () => {
  const page = [
    '```ts',
    "import { createMcpClient } from '@mcpclient/core'",
    'const mcp = createMcpClient({ connectors: {} })',
    '```',
    '```ts',
    'const mcp = createMcpClient({ connectors: {}, maxResponseBytes: 1024 })',
    'await mcp.close()',
    '```',
    '```ts',
    'await mcp.close()',
    'mcp.missing()',
    '```',
  ].join('\n')
  const examples = examplesIn('docs/page.md', page)
  expect(compile(root, examples)).toEqual([
    expect.stringMatching(/^docs\/page.md:10 \(line 2 of the example\): .*missing/),
  ])
})

describe('the links of the pages', () => {
  const exists = (path: string): boolean => existsSync(join(root, path))

  it('lead to files and headings that exist', () => {
    const pages = new Map(pagesOf(root).map((path) => [path, readFileSync(join(root, path), 'utf8')]))
    expect(pages.size).toBeGreaterThan(50)
    expect(deadPageLinks(pages, exists)).toEqual([])
  })

  it('are reported if a file or a heading does not exist', () => {
    const blob = 'https://github.com/mcpclient/mcpclient/blob/main'
    const from = [
      '# From',
      '[a](to.md#what-it-is) [b](to.md#gone) [c](gone.md) [d](#from) [e](#gone) [f](../src)',
      '[g](https://example.com/gone) [h](mailto:ada@example.com) `[i](gone.md)`',
      '```sh',
      '# [j](gone.md)',
      '```',
      `[k](${blob}/docs/to.md#twice-1) [l](${blob}/docs/to.md#twice-2) [m](to.md#callof-a_b)`,
    ].join('\n')
    const to = '# To\n## What it is?\n## Twice\n## Twice\n## `call()`of [a_b](https://example.com)\n'
    const pages = new Map([
      ['docs/from.md', from],
      ['docs/to.md', to],
    ])
    const files = ['docs/from.md', 'docs/to.md', 'src']
    expect(deadPageLinks(pages, (path) => files.includes(path))).toEqual([
      'docs/from.md:2 links to to.md#gone, which does not exist',
      'docs/from.md:2 links to gone.md, which does not exist',
      'docs/from.md:2 links to #gone, which does not exist',
      `docs/from.md:7 links to ${blob}/docs/to.md#twice-2, which does not exist`,
    ])
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { compile, examplesIn, pagesOf } from '../src/doc-examples.ts'
import { root } from '../src/tree.ts'

it('every example in a page compiles', { timeout: 400_000 }, () => {
  const examples = pagesOf(root).flatMap((path) => examplesIn(path, readFileSync(join(root, path), 'utf8')))
  expect(examples.length).toBeGreaterThan(10)
  expect(compile(root, examples)).toEqual([])
})

it('an example that does not compile is found, with its place', { timeout: 120_000 }, () => {
  const page = [
    '# Page',
    '```ts',
    "import { createMcpClient } from '@mcpclient/core'",
    'createMcpClient({})',
    '```',
  ].join('\n')
  expect(compile(root, examplesIn('docs/page.md', page))).toEqual([expect.stringContaining('docs/page.md:3')])
})

it('a block without imports continues the last block that has them', { timeout: 120_000 }, () => {
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

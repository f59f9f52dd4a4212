import { describe, expect, it } from 'vitest'
import { boundaryViolations } from '../src/boundaries.ts'
import { readTree, root } from '../src/tree.ts'

const packageJson = (name: string, rest: object = {}): string => JSON.stringify({ name, ...rest })

/** Returns a small valid workspace with the given additional files. */
function workspace(files: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const peer = { peerDependencies: { '@mcpclient/core': 'workspace:^' } }
  return new Map(
    Object.entries({
      'package.json': packageJson('root', { devDependencies: { vitest: 'catalog:' } }),
      'packages/core/package.json': packageJson('@mcpclient/core', {
        dependencies: { ky: 'catalog:', 'p-limit': 'catalog:', zod: 'catalog:' },
      }),
      'packages/core/src/index.ts': `export { createMcpClient } from './client/create-mcp-client.ts'`,
      'packages/core/src/define.ts': `export { tool } from './connector/tool.ts'`,
      'packages/core/src/client/create-mcp-client.ts': `import { run } from '../pipeline/run.ts'\nexport const createMcpClient = run`,
      'packages/core/src/pipeline/run.ts': `import limit from 'p-limit'\nexport const run = limit`,
      'packages/core/src/connector/tool.ts': 'export const tool = 1',
      'packages/core/src/errors/codes.ts': 'export const codes = 1',
      'packages/connectors/one/package.json': packageJson('@mcpclient/one', peer),
      'packages/connectors/one/src/index.ts': `import { tool } from '@mcpclient/core/define'\nexport const one = tool`,
      'packages/connectors/two/package.json': packageJson('@mcpclient/two', peer),
      'packages/bench/package.json': packageJson('@mcpclient/bench', { private: true }),
      ...files,
    }),
  )
}

it('finds no forbidden import in the workspace', { timeout: 60_000 }, () => {
  expect(boundaryViolations(readTree(root))).toEqual([])
})

describe('the rule', () => {
  it('accepts a valid workspace', () => {
    expect(boundaryViolations(workspace({}))).toEqual([])
  })

  const one = 'packages/connectors/one/src/index.ts'
  const pipeline = 'packages/core/src/pipeline/run.ts'
  it.each([
    ['a connector that sees the runtime', one, `import { a } from '@mcpclient/core'`, /table does not allow/],
    ['a connector that sees a type of the runtime', one, `import type { A } from '@mcpclient/core'`, /table does not/],
    ['a connector that sees another', one, `export { a } from '@mcpclient/two'`, /table does not allow/],
    [
      'a connector that reaches into core',
      one,
      `import { a } from '../../../core/src/errors/codes.ts'`,
      /another package/,
    ],
    ['a connector that loads Node late', one, `export const read = () => import('node:fs')`, /needs Node/],
    ['a type taken from Node', one, `export type A = import('node:fs').Stats`, /needs Node/],
    ['what is not installed with it', one, `import { a } from 'left-pad'`, /does not list it/],
    ['a test tool in a source', one, `import { test } from 'vitest'`, /does not list it/],
    ['its own name in a source', one, `import { one } from '@mcpclient/one'`, /relative path/],
    ['a file that is not there', one, `import { a } from './gone.ts'`, /does not exist/],
    ['core that knows a connector', pipeline, `import { one } from '@mcpclient/one'`, /table does not allow/],
    ['a stage that knows the client', pipeline, `import '../client/create-mcp-client.ts'`, /cycle/],
    [
      'an error that knows a stage',
      'packages/core/src/errors/codes.ts',
      `import type { A } from '../pipeline/run.ts'`,
      /higher/,
    ],
    [
      'a folder of core without a layer',
      'packages/core/src/extra/a.ts',
      `import '../errors/codes.ts'`,
      /no layer of core/,
    ],
    [
      'a type that the wire of mcp takes from a session',
      'packages/mcp/src/wire/a.ts',
      `import type { A } from '../session/a.ts'`,
      /higher layer of mcp/,
    ],
    [
      'a transport loaded before its first use',
      pipeline,
      `import ky from 'ky'`,
      /index\.ts loads ky, by way of .*run\.ts/,
    ],
    [
      'a schema library in the author half',
      'packages/core/src/connector/tool.ts',
      `import * as z from 'zod'`,
      /loads zod/,
    ],
    [
      'a main entry that loads the vault late',
      pipeline,
      `export const load = () => import('../vault/vault.ts')`,
      /index\.ts loads \.\.\/vault\/vault\.ts/,
    ],
    ['an example on something private', 'examples/a/main.ts', `import '@mcpclient/bench'`, /private/],
    ['a folder that no rule knows', 'packages/extra/src/a.ts', `import 'zod'`, /no rule/],
    ['a built-in without its prefix', 'packages/bench/src/a.ts', `import fs from 'fs'`, /node:fs/],
  ])('refuses %s', (_, path, text, sentence) => {
    expect(boundaryViolations(workspace({ [path]: text })).join('\n')).toMatch(sentence)
  })

  it('judges the template of a connector by its own manifest', () => {
    const template = (text: string): Readonly<Record<string, string>> => ({
      'packages/create-connector/package.json': packageJson('@mcpclient/create-connector'),
      'packages/create-connector/template/_package.json': packageJson('mcpclient-example-service', {
        peerDependencies: { '@mcpclient/core': '*' },
      }),
      'packages/create-connector/template/src/index.ts': text,
    })
    expect(boundaryViolations(workspace(template(`import { tool } from '@mcpclient/core/define'`)))).toEqual([])
    expect(boundaryViolations(workspace(template(`import { a } from '@mcpclient/core'`))).join('\n')).toMatch(/table/)
    expect(boundaryViolations(workspace(template(`import * as z from 'zod'`))).join('\n')).toMatch(/does not list it/)
  })

  it('lets a source import copied packages, and no other development dependency', () => {
    const manifest = packageJson('@mcpclient/core', { devDependencies: { 'p-limit': 'catalog:', ky: 'catalog:' } })
    const late = `export const load = () => import('ky')`
    const copied = { 'packages/core/package.json': manifest }
    expect(boundaryViolations(workspace(copied))).toEqual([])
    expect(boundaryViolations(workspace({ ...copied, [pipeline]: late })).join('\n')).toMatch(/does not list it/)
  })

  it('ignores cycles of types and of late imports', () => {
    const text = `import type { Options } from 'ky'\nexport const load = (_: Options) => import('ky')`
    expect(boundaryViolations(workspace({ [pipeline]: text }))).toEqual([])
  })

  it.each([
    ['loads vitest', `import { it } from 'vitest'\nexport const register = it`],
    ['loads vitest late', `export const register = () => import('vitest')`],
    ['names a type of vitest', `export type Register = typeof import('vitest').it`],
  ])('refuses a main entry of testing that %s', (_, text) => {
    const testing = {
      'packages/testing/package.json': packageJson('@mcpclient/testing', { peerDependencies: { vitest: '>=3' } }),
      'packages/testing/src/contract.ts': text,
      'packages/testing/src/index.ts': 'export const clock = 1',
    }
    expect(boundaryViolations(workspace(testing))).toEqual([])
    const reaching = { ...testing, 'packages/testing/src/index.ts': `export type { register } from './contract.ts'` }
    expect(boundaryViolations(workspace(reaching))).toEqual([
      'packages/testing/src/index.ts reaches vitest, by way of packages/testing/src/contract.ts',
    ])
  })

  it.each([
    ['values', `export { a as b } from './a.ts'`],
    ['types', `export type { a } from './a.ts'`],
    ['late imports', `export const a = () => import('./a.ts')`],
  ])('refuses a cycle of %s in sources', (_, text) => {
    const a = 'packages/core/src/errors/a.ts'
    const b = 'packages/core/src/errors/b.ts'
    const cycle = { [a]: `import { b } from './b.ts'\nexport const a = b`, [b]: text }
    expect(boundaryViolations(workspace(cycle))).toEqual([`cycle: ${a} -> ${b} -> ${a}`])
  })

  it('allows a cycle of types in tests', () => {
    const a = 'packages/core/test/a.ts'
    const b = 'packages/core/test/b.ts'
    const cycle = { [a]: `import { b } from './b.ts'\nexport const a = b`, [b]: `export type { a } from './a.ts'` }
    expect(boundaryViolations(workspace(cycle))).toEqual([])
  })
})

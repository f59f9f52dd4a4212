import { describe, expect, it } from 'vitest'
import { deadMembers } from '../src/dead-members.ts'
import { languageViolations } from '../src/language-rules.ts'
import { readTree, root } from '../src/tree.ts'

const inCore = (text: string): string =>
  languageViolations(new Map([['packages/core/src/client/a.ts', text]])).join('\n')

it('finds no violation in the sources', { timeout: 60_000 }, () => {
  expect(languageViolations(readTree(root))).toEqual([])
})

describe('the rule', () => {
  it.each([
    ['any', 'export const a = (b: any) => b', /any/],
    ['any inside a type', 'export type A = readonly Record<string, any>[]', /any/],
    ['a default export', 'export default 1', /default/],
    ['a default function', 'export default function a() {}', /default/],
    ['a default by another name', `export { a as default } from './b.ts'`, /default/],
    ['export *', `export * from './b.ts'`, /list the names/],
    ['export * as', `export * as b from './b.ts'`, /list the names/],
    ['all of zod', `import { z } from 'zod'`, /import \* as z/],
    ['all of zod by another name', `import { z as schema } from 'zod/v4'`, /import \* as z/],
    ['all of zod as its default', `import z from 'zod'`, /import \* as z/],
    ['an I prefix', 'export interface IStore {}', /I prefix/],
    ['a silenced compiler', '// @ts-ignore\nexport const a = 1', /hides an error/],
    ['Buffer', `export const a = Buffer.from('')`, /Buffer/],
    ['process', 'export const a = process.env', /process/],
    ['process behind globalThis', 'export const a = globalThis.process', /process/],
    ['a module of Node', `export const a = () => import('node:crypto')`, /node:crypto/],
    ['a module of Node, unprefixed', `import type { Stats } from 'fs'\nexport type A = Stats`, /fs/],
  ])('refuses %s', (_, text, sentence) => {
    expect(inCore(text)).toMatch(sentence)
  })

  it.each([
    ['a property of that name', 'export const a = { process: 1, Buffer: 2 }.process'],
    ['a method of that name', 'export class A { process() { return this.process } }'],
    ['the word in a string or comment', `// any process, Buffer\nexport const a = 'any, @ts-ignore'`],
    ['zod as a namespace', `import * as z from 'zod'\nimport type * as core from 'zod/v4/core'`],
    ['an expected error', '// @ts-expect-error a test of types\nexport const a = 1'],
  ])('passes %s', (_, text) => {
    expect(inCore(text)).toBe('')
  })

  it('accepts Node in code for Node', () => {
    expect(
      languageViolations(new Map([['packages/bench/src/a.ts', `import 'node:fs'\nexport const a = process.pid`]])),
    ).toEqual([])
  })

  it.each(['utils.ts', 'types.ts', 'helpers/a.ts', 'fooBar.ts', 'Foo.ts'])('refuses a file named %s', (name) => {
    expect(languageViolations(new Map([[`packages/core/src/${name}`, '']]))).toHaveLength(1)
  })
})

describe('the rule for class members', () => {
  const text = 'export class A { get kept() { return this.left() } left() {} }'

  it('finds no member that only tests use', { timeout: 60_000 }, () => {
    expect(deadMembers(readTree(root))).toEqual([])
  })

  it('refuses a member that no source and no reference page names', () => {
    const tree = new Map([
      ['packages/core/src/a.ts', text],
      ['packages/core/test/a.test.ts', 'new A().kept'],
    ])
    expect(deadMembers(tree)).toEqual(['packages/core/src/a.ts:1: nothing uses kept'])
    expect(deadMembers(new Map([...tree, ['docs/reference/core.md', '- `kept: number`']]))).toEqual([])
    expect(deadMembers(new Map([...tree, ['packages/core/src/b.ts', 'new A().kept']]))).toEqual([])
  })

  it('accepts the members of a class that implements an interface', () => {
    expect(deadMembers(new Map([['packages/core/src/a.ts', text.replace('A ', 'A implements B ')]]))).toEqual([])
  })
})

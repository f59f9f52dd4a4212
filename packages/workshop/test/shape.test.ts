import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { shapeViolations } from '../src/shape-rules.ts'
import { readTree, root } from '../src/tree.ts'

const topLevel = readdirSync(root)

const manifest = {
  name: '@mcpclient/good',
  version: '1.0.0',
  description: 'A package as every package is.',
  license: 'MIT',
  type: 'module',
  sideEffects: false,
  engines: { node: '>=22.13' },
  files: ['dist', 'src'],
  exports: {
    '.': { '@mcpclient/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
  },
  dependencies: { zod: 'catalog:' },
  peerDependencies: { '@mcpclient/core': 'workspace:^' },
}

function goodPackage(change: Readonly<Record<string, unknown>> = {}): Map<string, string> {
  const folder = 'packages/connectors/good'
  return new Map([
    [`${folder}/package.json`, JSON.stringify({ ...manifest, ...change })],
    [`${folder}/tsconfig.json`, '{ "extends": "../../../tsconfig.base.json" }'],
    [`${folder}/README.md`, ''],
    [`${folder}/src/index.ts`, ''],
    [`${folder}/test/index.test.ts`, ''],
  ])
}

test('the workspace has the shape that every package and the root have', () => {
  expect(shapeViolations(readTree(root), topLevel)).toEqual([])
})

test('the lockfile names no host, so that every registry can serve it', () => {
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')
  expect(lockfile.match(/^.*(?:\w:\/\/|tarball:).*$/gm) ?? []).toEqual([])
})

describe('the rule', () => {
  test('passes a good package', () => {
    expect(shapeViolations(goodPackage(), topLevel)).toEqual([])
  })

  test.each([
    ['another version of a dependency', { dependencies: { zod: '^4.0.0' } }, /versions stand in the catalog/],
    ['a sibling asked for by number', { peerDependencies: { '@mcpclient/core': '^1.0.0' } }, /versions stand/],
    ['side effects', { sideEffects: true }, /sideEffects/],
    ['another licence', { license: 'ISC' }, /license/],
    ['another engine', { engines: { node: '>=18' } }, /engines/],
    ['an address that nobody owns', { homepage: 'https://example.com' }, /package\.json has homepage/],
    ['a script of its own', { scripts: { build: 'tsup' } }, /package\.json has scripts/],
    ['another name than its folder', { name: '@mcpclient/better' }, /name is not its folder/],
    ['a name of another scope', { name: '@elsewhere/good' }, /is not @mcpclient/],
    ['an export without types', { exports: { '.': { default: './dist/index.js' } } }, /exports\["\."\]/],
  ])('refuses a package with %s', (_, change, sentence) => {
    expect(shapeViolations(goodPackage(change), topLevel).join('\n')).toMatch(sentence)
  })

  test.each([
    ['README.md', /no README/],
    ['test/index.test.ts', /no test/],
    ['src/index.ts', /source that does not exist/],
    ['tsconfig.json', /tsconfig/],
  ])('refuses a package without %s', (file, sentence) => {
    const tree = goodPackage()
    tree.delete(`packages/connectors/good/${file}`)
    expect(shapeViolations(tree, topLevel).join('\n')).toMatch(sentence)
  })

  test('refuses a configuration of its own', () => {
    const tree = goodPackage()
    tree.set('packages/connectors/good/tsup.config.ts', '')
    tree.set('packages/connectors/good/tsconfig.json', '{ "extends": "../../../tsconfig.base.json", "include": [] }')
    expect(shapeViolations(tree, topLevel)).toHaveLength(2)
  })

  test('refuses a newcomer at the top and misses what is gone', () => {
    const changed = [...topLevel.filter((name) => name !== 'LICENSE'), 'scripts']
    expect(shapeViolations(goodPackage(), changed)).toEqual([
      'scripts does not belong at the top',
      'LICENSE is missing at the top',
    ])
  })
})

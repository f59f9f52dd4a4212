import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { publishedPackages } from '../src/manifest.ts'
import { deadLinks, shapeViolations } from '../src/shape-rules.ts'
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
  keywords: ['mcpclient', 'good', 'connector'],
  homepage: 'https://github.com/mcpclient/mcpclient/tree/main/packages/connectors/good#readme',
  bugs: 'https://github.com/mcpclient/mcpclient/issues',
  repository: {
    type: 'git',
    url: 'git+https://github.com/mcpclient/mcpclient.git',
    directory: 'packages/connectors/good',
  },
  scripts: { prepack: 'node ../../workshop/bin/prepack.mjs' },
  files: ['CHANGELOG.md', 'dist', 'src'],
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
    [`${folder}/CHANGELOG.md`, ''],
    [`${folder}/src/index.ts`, ''],
    [`${folder}/test/index.test.ts`, 'connectorContract(good, import.meta)'],
  ])
}

it('finds no fault in the shape of the workspace', () => {
  expect(shapeViolations(readTree(root), topLevel)).toEqual([])
})

it('finds no host in the lockfile, so that every registry can serve it', () => {
  const lockfile = readFileSync(join(root, 'pnpm-lock.yaml'), 'utf8')
  expect(lockfile.match(/^.*(?:\w:\/\/|tarball:).*$/gm) ?? []).toEqual([])
})

describe('the links of a README on a registry', () => {
  const exists = (path: string): boolean => existsSync(join(root, path))

  it.each(publishedPackages(readTree(root)).map(({ folder }) => folder))('lead to existing files from %s', (folder) => {
    expect(deadLinks(readFileSync(join(root, folder, 'README.md'), 'utf8'), exists)).toEqual([])
  })

  it('are rejected if they are relative or lead to a missing file', () => {
    const gone = 'https://github.com/mcpclient/mcpclient/blob/main/docs/gone.md'
    const readme = `[a](../core) [b](src/a.ts) [c](${gone}#d) [e](https://slack.dev) [f](#tools)`
    expect(deadLinks(readme, exists)).toEqual(['../core', 'src/a.ts', `${gone}#d`])
  })
})

describe('the README of a connector', () => {
  const connectors = publishedPackages(readTree(root)).filter(({ folder }) => folder.startsWith('packages/connectors/'))

  it.each(connectors.map(({ folder }) => folder))('has a table of tools that the contract checks in %s', (folder) => {
    expect(readFileSync(join(root, folder, 'README.md'), 'utf8')).toMatch(/^<!-- tools: [a-z0-9-]+ -->$/m)
  })
})

describe('npm pack', () => {
  it('rejects a package that only pnpm can make installable', () => {
    const script = join(root, 'packages/workshop/bin/prepack.mjs')
    const pack = (agent: string, folder: string) =>
      spawnSync(process.execPath, [script], {
        cwd: join(root, folder),
        encoding: 'utf8',
        env: { ...process.env, npm_config_user_agent: agent },
      })
    expect(pack('npm/11.0.0 node/v24.0.0 linux x64', 'packages/core')).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('npm run pack'),
    })
    // The workshop is never built.
    expect(pack('pnpm/10.34.9 node/v24.0.0', 'packages/workshop').stderr).toContain('not been built')
  })
})

describe('the rule', () => {
  it('accepts a valid package', () => {
    expect(shapeViolations(goodPackage(), topLevel)).toEqual([])
  })

  it.each([
    ['another version of a dependency', { dependencies: { zod: '^4.0.0' } }, /versions stand in the catalog/],
    ['a sibling asked for by number', { peerDependencies: { '@mcpclient/core': '^1.0.0' } }, /versions stand/],
    ['side effects', { sideEffects: true }, /sideEffects/],
    ['another licence', { license: 'ISC' }, /license/],
    ['another engine', { engines: { node: '>=18' } }, /engines/],
    ['another home page', { homepage: 'https://example.com' }, /its homepage is not/],
    ['a script of its own', { scripts: { build: 'tsup' } }, /its scripts is not/],
    ['no keywords', { keywords: [] }, /keywords/],
    ['a repository without its folder', { repository: undefined }, /its repository is not/],
    ['another name than its folder', { name: '@mcpclient/better' }, /name is not its folder/],
    ['a name of another scope', { name: '@elsewhere/good' }, /is not @mcpclient/],
    ['a program without a source', { bin: { good: 'dist/main.js' } }, /its bin dist\/main\.js has no source in src/],
    ['an export without types', { exports: { '.': { default: './dist/index.js' } } }, /exports\["\."\]/],
  ])('refuses a package with %s', (_, change, sentence) => {
    expect(shapeViolations(goodPackage(change), topLevel).join('\n')).toMatch(sentence)
  })

  it.each([
    ['README.md', /no README/],
    ['CHANGELOG.md', /no CHANGELOG/],
    ['test/index.test.ts', /no test/],
    ['src/index.ts', /source that does not exist/],
    ['tsconfig.json', /tsconfig/],
  ])('refuses a package without %s', (file, sentence) => {
    const tree = goodPackage()
    tree.delete(`packages/connectors/good/${file}`)
    expect(shapeViolations(tree, topLevel).join('\n')).toMatch(sentence)
  })

  it('refuses a connector or a store that does not run the contract of its role', () => {
    const tree = goodPackage()
    tree.set('packages/connectors/good/test/index.test.ts', 'storeContract(open)')
    expect(shapeViolations(tree, topLevel)).toEqual(['packages/connectors/good: no test of it runs connectorContract'])
    const moved = [...goodPackage()].map(([path, text]) => [path.replace('connectors', 'stores'), text] as const)
    expect(shapeViolations(new Map(moved), topLevel).join('\n')).toContain('no test of it runs storeContract')
  })

  it('refuses a package that does not ship its template', () => {
    const tree = goodPackage()
    tree.set('packages/connectors/good/template/_package.json', '{}')
    expect(shapeViolations(tree, topLevel).join('\n')).toContain('its files are not CHANGELOG.md, dist, src, template')
  })

  it('requires that a secrets package is named after its folder and its role', () => {
    const moved = [...goodPackage()].map(([path, text]) => [path.replace('connectors', 'secrets'), text] as const)
    expect(shapeViolations(new Map(moved), topLevel).join('\n')).toContain('it should be @mcpclient/good-secrets')
  })

  it('rejects a separate configuration', () => {
    const tree = goodPackage()
    tree.set('packages/connectors/good/tsup.config.ts', '')
    tree.set('packages/connectors/good/tsconfig.json', '{ "extends": "../../../tsconfig.base.json", "include": [] }')
    expect(shapeViolations(tree, topLevel)).toHaveLength(2)
  })

  it('rejects a new entry at the root and reports a missing one', () => {
    const changed = [...topLevel.filter((name) => name !== 'LICENSE'), 'scripts']
    expect(shapeViolations(goodPackage(), changed)).toEqual([
      'scripts does not belong at the top',
      'LICENSE is missing at the top',
    ])
  })
})

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { exportedNames, publicNames } from '../src/exported-names.ts'
import { publishedPackages } from '../src/manifest.ts'
import { readTree, root } from '../src/tree.ts'

// A public name is a promise: it appears and goes only with its line in pins/, and with a changeset.
// UPDATE_PINS=1 npm test writes the lists again, and a reviewer reads the diff.
const folder = join(import.meta.dirname, 'pins')
const update = process.env['UPDATE_PINS'] === '1'
const tree = readTree(root)
const published = publishedPackages(tree)
const pinFile = (name: string): string => `${name.slice(name.indexOf('/') + 1)}.json`

describe('public names', () => {
  it.each(published.map((each) => [each.manifest.name, each] as const))('%s exports what is pinned', (name, each) => {
    const file = join(folder, pinFile(name))
    const names = publicNames(tree, each)
    if (update) {
      mkdirSync(folder, { recursive: true })
      writeFileSync(file, `${JSON.stringify(names, undefined, 2)}\n`)
    }
    expect(existsSync(file), `${name} has no pins yet: run UPDATE_PINS=1 npm test and read the new file`).toBe(true)
    expect(names).toEqual(JSON.parse(readFileSync(file, 'utf8')))
  })

  it('has no pins of a deleted package', () => {
    const expected = published.map(({ manifest }) => pinFile(manifest.name)).toSorted()
    if (update) for (const file of readdirSync(folder)) if (!expected.includes(file)) rmSync(join(folder, file))
    expect(readdirSync(folder).toSorted()).toEqual(expected)
  })
})

it('reads names from an index with their kind', () => {
  const index = `
    export { createMcpClient, type ClientOptions } from './client.ts'
    export type { Store, Version as StoreVersion } from './store.ts'
    export const limit = 1, factor = 2
    export function tool() {}
    export class Connector {}
    export interface Shape {}
    export type Alias = Shape
    const hidden = 1
  `
  expect(exportedNames('index.ts', index)).toEqual({
    values: ['Connector', 'createMcpClient', 'factor', 'limit', 'tool'],
    types: ['Alias', 'ClientOptions', 'Shape', 'Store', 'StoreVersion'],
  })
})

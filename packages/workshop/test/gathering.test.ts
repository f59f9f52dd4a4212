import { resolve } from 'node:path'
import { expect, it } from 'vitest'
import { homesOf } from '../src/gathering.ts'

type Imports = Readonly<Record<string, readonly string[]>>

/** `late` files are imported with `import()`. */
function homes(
  entries: readonly string[],
  imports: Imports,
  late: readonly string[],
): Readonly<Record<string, string>> {
  const files = new Set([...entries, ...Object.keys(imports), ...Object.values(imports).flat()])
  const found = homesOf({
    inputs: Object.fromEntries(
      [...files].map((file) => [
        file,
        {
          bytes: 1,
          imports: (imports[file] ?? []).map((path) => ({
            path,
            kind: late.includes(path) ? ('dynamic-import' as const) : ('import-statement' as const),
          })),
        },
      ]),
    ),
    outputs: Object.fromEntries(
      entries.map((entryPoint) => [
        `out/${entryPoint}`,
        { bytes: 1, inputs: {}, imports: [], exports: [], entryPoint },
      ]),
    ),
  })
  return Object.fromEntries([...found].map(([part, home]) => [part.slice(resolve('.').length + 1), home]))
}

it('maps a late part to the entry that loads it, at any depth', () => {
  const found = homes(['index.ts'], { 'index.ts': ['client.ts'], 'client.ts': ['connect.ts'] }, ['connect.ts'])
  expect(found).toEqual({ 'connect.ts': resolve('index.ts') })
})

it('maps a part of two entries to neither', () => {
  const imports = { 'index.ts': ['client.ts', 'schema.ts'], 'define.ts': ['schema.ts'] }
  expect(homes(['index.ts', 'define.ts'], imports, ['schema.ts'])).toEqual({})
})

it('maps no entry to another one', () => {
  const imports = { 'index.ts': ['envelope.ts'], 'envelope.ts': ['schema.ts'] }
  expect(homes(['index.ts', 'envelope.ts'], imports, ['envelope.ts'])).toEqual({})
})

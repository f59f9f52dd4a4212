import { resolve } from 'node:path'
import { expect, test } from 'vitest'
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

test('a late part needs the entry that loads it, however far in', () => {
  const found = homes(['index.ts'], { 'index.ts': ['client.ts'], 'client.ts': ['connect.ts'] }, ['connect.ts'])
  expect(found).toEqual({ 'connect.ts': resolve('index.ts') })
})

test('a part that two entries load belongs to neither', () => {
  const imports = { 'index.ts': ['client.ts', 'schema.ts'], 'define.ts': ['schema.ts'] }
  expect(homes(['index.ts', 'define.ts'], imports, ['schema.ts'])).toEqual({})
})

test('a part that is an entry of its own stays free of the others', () => {
  const imports = { 'index.ts': ['envelope.ts'], 'envelope.ts': ['schema.ts'] }
  expect(homes(['index.ts', 'envelope.ts'], imports, ['envelope.ts'])).toEqual({})
})

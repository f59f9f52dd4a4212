import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REFERENCE_FOLDER, referencePages, writeReference } from '../src/reference.ts'
import { readTree, root } from '../src/tree.ts'

const target = (source: string) => ({ '@mcpclient/source': source, types: '', default: '' })
const manifest = {
  name: '@mcpclient/made-up',
  exports: { '.': target('./src/index.ts'), './define': target('./src/define.ts') },
}
const index = `
/** \`@mcpclient/made-up\`: a package of one test. */
export { greet } from './client/greet.ts'
export type { Greeting as Hello, GreetOptions } from './client/greet.ts'

// Errors
export { Refusal } from './refusal.ts'
export { z } from 'zod'
`
const greet = `
import type { Tone } from '../tone.ts'
/** Greets a user by name. */
export interface GreetOptions {
  /** How it sounds. @default plain */
  readonly tone?: Tone | undefined
  readonly 'greeting.sent': {
    /** Milliseconds. */
    readonly tookMs: number
  }
}
export type Greeting = 'hello' | 'hi'
/**
 * Returns a greeting.
 * @param name of the user, with a
 *   second line
 * @throws TypeError for an empty name
 * @example
 * greet('Ada')
 */
export const greet = (
  name: string,
  options: GreetOptions,
): Greeting => 'hello'
`
const refusal = `
/** A greeting that was refused. */
export class Refusal extends Error {
  #secret = 1
  private hidden = 2
  /** Returns why. */
  get reason(): string { return '' }
  protected repeat<T>(times: T): void { console.log(times) }
  static is(value: unknown): value is Refusal { return value instanceof Refusal }
}
`
const define = `
/** \`@mcpclient/made-up/define\`: for authors. */
export { Refusal } from './refusal.ts'
export { book } from './book.ts'
`
const book = `
const note = tool({ description: 'Leave a note ' + 'for | all.', effect: 'write', request: () => get('x') })
const definition = defineConnector({ tools: { leave_note: note } })
export const book: NamedFactory<typeof definition, BookTypes> = definition
`
const tree = new Map([
  ['packages/made-up/package.json', JSON.stringify(manifest)],
  ['packages/made-up/src/index.ts', index],
  ['packages/made-up/src/client/greet.ts', greet],
  ['packages/made-up/src/refusal.ts', refusal],
  ['packages/made-up/src/tone.ts', "/** Of a voice. */\nexport type Tone = 'plain' | 'warm'\n"],
  ['packages/made-up/src/define.ts', define],
  ['packages/made-up/src/book.ts', book],
])

describe('the API reference', () => {
  const pages = referencePages(tree)
  const page = pages.get('made-up.md') ?? ''

  it('has a page for each entry point, and a page that lists them', () => {
    expect([...pages.keys()]).toEqual(['made-up.md', 'made-up-define.md', 'README.md'])
    expect(pages.get('README.md')).toContain('| [`@mcpclient/made-up`](made-up.md) | A package of one test. |')
    expect(page).toMatch(/^# `@mcpclient\/made-up`\n\nA package of one test\.\n/)
  })

  it('groups the names as the index does', () => {
    const headings = page.split('\n').filter((line) => line.startsWith('#'))
    expect(headings.slice(1)).toEqual([
      '## Client',
      '### greet',
      '### Hello',
      '### GreetOptions',
      '## Errors',
      '### Refusal',
      '### z',
      '## Types used above',
      '### Tone',
    ])
    expect(page).toContain('[`greet`](#greet) · [`Hello`](#hello) · [`GreetOptions`](#greetoptions)')
    expect(page).toContain('### z\n\nRe-exported from `zod`.')
  })

  it('shows the signature of a function with its docstring, its tags and its source', () => {
    expect(page).toContain('function greet(\n  name: string,\n  options: GreetOptions,\n): Greeting\n')
    expect(page).toContain('Returns a greeting.\n\n- `name`: of the user, with a second line\n- Throws: TypeError for')
    expect(page).toContain("```typescript\ngreet('Ada')\n```")
    expect(page).toContain('[Source](../../packages/made-up/src/client/greet.ts)')
  })

  it('lists the members of an interface, and the fields of a type literal inside it', () => {
    expect(page).toContain('- `tone?: Tone`: How it sounds.\n  - Default: plain\n')
    expect(page).toContain("- `'greeting.sent': { … }`\n  - `tookMs: number`: Milliseconds.\n")
    expect(page).toContain("```typescript\ntype Greeting = 'hello' | 'hi'\n```")
  })

  it('lists the members of a class without its private ones', () => {
    const found = page.slice(page.indexOf('### Refusal'), page.indexOf('### z'))
    expect(found).toContain('class Refusal extends Error\n')
    expect(found.match(/^- .*/gm)).toEqual([
      '- `reason: string`: Returns why.',
      '- `protected repeat<T>(times: T): void`',
      '- `static is(value: unknown): value is Refusal`',
    ])
  })

  it('links a name of a second entry point to the page of the first', () => {
    expect(pages.get('made-up-define.md')).toContain('### Refusal\n\nSee [`Refusal`](made-up.md#refusal).')
  })

  it('lists the tools of a connector', () => {
    expect(pages.get('made-up-define.md')).toContain('| `leave_note` | write | Leave a note for \\| all. |')
  })

  it('refuses an exported name that nothing declares', () => {
    const broken = new Map([...tree, ['packages/made-up/src/define.ts', "export { gone } from './book.ts'"]])
    expect(() => referencePages(broken)).toThrow('@mcpclient/made-up/define exports gone, which nothing declares')
  })
})

// UPDATE_REFERENCE=1 writes the pages, as `npm run reference` does.
it('is current: the committed pages are what the sources say', () => {
  if (process.env['UPDATE_REFERENCE'] === '1') writeReference()
  const folder = join(root, REFERENCE_FOLDER)
  const committed = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const expected = referencePages(readTree(root))
  const stale = [...expected].filter(([file, text]) => committed.get(file) !== text).map(([file]) => file)
  expect(stale, 'run npm run reference, and commit docs/reference').toEqual([])
  expect([...committed.keys()].toSorted()).toEqual([...expected.keys()].toSorted())
})

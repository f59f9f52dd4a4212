import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  REFERENCE_FOLDER,
  referencePages,
  TROUBLESHOOTING_PAGE,
  withErrorTables,
  writeReference,
} from '../src/reference.ts'
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
    expect(pages.get('README.md')).toContain(
      '| [`@mcpclient/made-up`](made-up.md) | A package of one test. | [`GreetOptions`](made-up.md#greetoptions) |',
    )
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

  it('links the types that a signature shows, under their public names', () => {
    expect(page).toContain('Types: [`GreetOptions`](#greetoptions) · [`Greeting`](#hello)\n\n[Source]')
    expect(page.slice(page.indexOf('### Hello'), page.indexOf('### GreetOptions'))).not.toContain('Types:')
  })

  it('links the types of another package', () => {
    const other = { name: '@mcpclient/other', exports: { '.': target('./src/index.ts') } }
    const two = new Map([
      ...tree,
      ['packages/other/package.json', JSON.stringify(other)],
      ['packages/other/src/index.ts', "export { wave } from './wave.ts'"],
      [
        'packages/other/src/wave.ts',
        `import type { Hello } from '@mcpclient/made-up'
        import type { Sea } from 'elsewhere'
        export const wave = (hello: Hello, sea: Sea): void => {}`,
      ],
    ])
    expect(referencePages(two).get('other.md')).toContain('Types: [`Hello`](made-up.md#hello)\n')
  })

  it('numbers the anchor of a name that a heading above it also has', () => {
    const grouped = "// Greet\nexport { greet } from './client/greet.ts'\n"
    const pages = referencePages(new Map([...tree, ['packages/made-up/src/index.ts', grouped]]))
    expect(pages.get('made-up.md')).toContain('## Greet\n\n[`greet`](#greet-1)')
  })

  it('rejects an exported name without a declaration', () => {
    const broken = new Map([...tree, ['packages/made-up/src/define.ts', "export { gone } from './book.ts'"]])
    expect(() => referencePages(broken)).toThrow('@mcpclient/made-up/define exports gone, which nothing declares')
  })
})

describe('the page of events', () => {
  const events = new Map([
    ...tree,
    [
      'packages/made-up/src/index.ts',
      `${index}\nexport type { RoomEvents } from './room.ts'\nexport type { HouseEvents } from './house.ts'\n`,
    ],
    [
      'packages/made-up/src/room.ts',
      `export interface AboutRoom {
        /** Its number. */
        readonly room: number
      }
      /** Events of a room. */
      export interface RoomEvents { 'room.opened': AboutRoom }`,
    ],
    [
      'packages/made-up/src/house.ts',
      `import type { AboutRoom, RoomEvents } from './room.ts'
      /** Events of a house. */
      export interface HouseEvents extends RoomEvents {
        /** A bell | a knock. */
        'bell.rung': AboutRoom & { readonly times: number }
        burnt: unknown
      }`,
    ],
  ])
  const page = referencePages(events).get('events.md') ?? ''

  it('lists each event with its payload, inherited ones under the map that adds to them', () => {
    expect(page.match(/^#.*/gm)).toEqual([
      '# Events',
      '## HouseEvents',
      '### bell.rung',
      '### burnt',
      '### room.opened',
    ])
    expect(page).toContain('| [`bell.rung`](#bellrung) | A bell \\| a knock. |')
    expect(page).toContain('A bell | a knock.\n\n- `room: number`: Its number.\n- `times: number`\n')
    expect(page).toContain('### burnt\n\n- `unknown`\n')
    expect(referencePages(events).get('README.md')).toContain('| [Events](events.md) |')
  })

  it('is absent if no package exports a map of events', () => {
    expect(referencePages(tree).has('events.md')).toBe(false)
  })
})

describe('the tables of errors', () => {
  const failures = new Map([
    ['packages/made-up/package.json', JSON.stringify(manifest)],
    [
      'packages/core/src/errors/codes.ts',
      `export const codes = {
        /** It broke. */
        BROKEN: {
          status: 500,
          retryable: true,
          advice: 'Mend it.',
          given: { detail: 'requestId', advice: 'Report it.' },
        },
        LOST: { status: 404, retryable: false, advice: 'Look for it.' },
      } as const satisfies Record<string, object>`,
    ],
    ['packages/made-up/src/words.ts', "export const DUSTY = 'dusty'"],
    [
      'packages/made-up/src/errors.ts',
      `import { DUSTY } from './words.ts'
      const endings = { cut: 'was cut', torn: 'was torn' } as const
      new ConnectorError('BROKEN', \`\${name} is dusty.\`, { reason: DUSTY, hint: HINT })
      new ConnectorError('BROKEN', isOld ? 'It is old.' : message, { reason: isOld ? 'old' : undefined })
      new ConnectorError('LOST', 'It has no reason.', { hint: 'x' })
      new ConnectorError('LOST', 'Its reason comes from outside.', { reason: from.outside })
      export const ended = (reason: keyof typeof endings, because?: string) =>
        new ConnectorError('LOST', \`It \${endings[reason]}: \${because}.\`, {
          reason,
          hint: reason === 'cut' ? 'Glue it.' : 'Sew it.',
        })
      ended('cut', 'a knife')
      switch (reason) {
        case 'wet':
        case 'damp':
          throw new ConnectorError('LOST', reason === 'wet' ? 'It is wet.' : 'It is damp.', { reason })
      }`,
    ],
    [
      'packages/made-up/src/calls.ts',
      "import { ended } from './errors.ts'\nended('torn', from())\nended(unknown)\nconst HINT = 'no'",
    ],
  ])
  const filled = withErrorTables(
    failures,
    'Before\n<!-- codes -->\nold\n<!-- end of codes -->\n<!-- reasons --><!-- end of reasons -->\nAfter\n',
  )

  it('hold a row for each code', () => {
    expect(filled).toContain('| `BROKEN` | 500 | yes | It broke. | Mend it. With `requestId`: Report it. |')
    expect(filled).toContain('| `LOST` | 404 | no |  | Look for it. |')
  })

  it('hold a row for each reason in the sources, with its message and advice', () => {
    const [, reasons = ''] = filled.split('<!-- reasons -->')
    expect(reasons.match(/^\| `.*/gm)).toEqual([
      '| `cut` | `LOST` | It was cut: a knife. | Glue it. |',
      '| `damp` | `LOST` | It is damp. | Look for it. |',
      '| `dusty` | `BROKEN` | … is dusty. | Mend it. |',
      '| `old` | `BROKEN` | It is old. | Mend it. |',
      '| `torn` | `LOST` | It was torn: …. | Sew it. |',
      '| `wet` | `LOST` | It is wet. | Look for it. |',
    ])
  })

  it('do not change the rest of the page', () => {
    expect(filled).toMatch(/^Before\n<!-- codes -->\n\|/)
    expect(filled).toMatch(/<!-- end of reasons -->\nAfter\n$/)
    expect(filled).not.toContain('old\n')
  })

  it('reject a page without a place for them, and a tree without codes', () => {
    expect(() => withErrorTables(failures, '<!-- codes --><!-- end of codes -->')).toThrow('no <!-- reasons -->')
    const without = new Map([...failures, ['packages/core/src/errors/codes.ts', 'export {}']])
    expect(() => withErrorTables(without, '')).toThrow('codes.ts has no table of codes')
  })
})

// UPDATE_REFERENCE=1 writes the pages, as `npm run reference` does.
it('matches the committed pages', () => {
  if (process.env['UPDATE_REFERENCE'] === '1') writeReference()
  const folder = join(root, REFERENCE_FOLDER)
  const committed = new Map(readdirSync(folder).map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  const current = readTree(root)
  const expected = referencePages(current)
  const stale = [...expected].filter(([file, text]) => committed.get(file) !== text).map(([file]) => file)
  const troubleshooting = readFileSync(join(root, TROUBLESHOOTING_PAGE), 'utf8')
  if (withErrorTables(current, troubleshooting) !== troubleshooting) stale.push(TROUBLESHOOTING_PAGE)
  expect(stale, 'run npm run reference, and commit docs').toEqual([])
  expect([...committed.keys()].toSorted()).toEqual([...expected.keys()].toSorted())
})

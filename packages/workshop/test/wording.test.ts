import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type Allowance, allowanceViolations, loweredAllowance } from '../src/not-yet-converted.ts'
import { readTree, root } from '../src/tree.ts'
import { type Finding, printFinding, wordingFindings } from '../src/wording-rules.ts'

const list = join(import.meta.dirname, 'not-yet-converted.json')

it('finds plain wording, except in files that are not converted yet', { timeout: 60_000 }, () => {
  const tree = readTree(root)
  const findings = wordingFindings(tree)
  const allowed = JSON.parse(readFileSync(list, 'utf8')) as Allowance
  if (process.env['UPDATE_WORDING'] === undefined) {
    expect(allowanceViolations(findings, allowed)).toEqual([])
    return
  }
  const lowered = loweredAllowance(findings, allowed, (path) => tree.has(path))
  writeFileSync(list, `${JSON.stringify(lowered, undefined, 2)}\n`)
  expect(allowanceViolations(findings, lowered)).toEqual([])
})

const found = (path: string, text: string): readonly string[] =>
  wordingFindings(new Map([[path, text]])).map(({ rule, found: what }) => `${rule}: ${what}`)
const inCore = (text: string): readonly string[] => found('packages/core/src/client/a.ts', text)
const inTest = (text: string): readonly string[] => found('packages/core/test/a.test.ts', text)

describe('the word list', () => {
  it.each([
    ['The lock is free, whoever held it.', 'actor: whoever'],
    ['Nobody holds the lock.', 'actor: Nobody'],
    ['Another call by no one in particular.', 'actor: no one'],
    ['Shown to the person.', 'actor: person'],
    ['Starts anew.', 'plain-word: anew'],
    ['Replaces the present credential.', 'plain-word: the present credential'],
    ['Reads what is at hand.', 'plain-word: at hand'],
    ['Waits, for it may recover.', 'plain-word: for it may'],
    ['The server answers with JSON.', 'field-verb: answers with'],
    ['The first answer wins.', 'field-verb: answer'],
    ['Tells the caller.', 'field-verb: Tells'],
    ['Keys are told apart by case.', 'field-verb: told apart'],
    ['Gives up after three attempts.', 'field-verb: Gives up'],
    ['Takes an old token for a theft.', 'field-verb: Takes an old token for a'],
    ['Keeps to the limit.', 'field-verb: Keeps to'],
    ['The refresh token was spent.', 'field-verb: token was spent'],
    ['The grant has ended.', 'field-verb: grant has ended'],
    ['GET, unless said otherwise.', 'default: unless said otherwise'],
    ['The reason is not said.', 'default: is not said'],
  ])('refuses "%s" in a comment', (sentence, finding) => {
    expect(inCore(`// ${sentence}\nconst a = 1`)).toEqual([finding])
  })

  it.each([
    'The value is only present if it was read.',
    'The user answers the question of the dialog.',
    'Resolves the DNS answer.',
    'No one of them is set.',
    'Takes a lease for ten seconds.',
    'Runs `tell()`, `whoever` and https://example.com/whoever.',
    'The token ends with a line break.',
    'Valid for the length of a lease.',
  ])('accepts "%s" in a comment', (sentence) => {
    expect(inCore(`// ${sentence}\nconst a = 1`)).toEqual([])
  })

  it('finds words across a line break, with the line on which they begin', () => {
    const text = '/**\n * Replaces the\n * present credential.\n */\nexport const a = 1\n'
    const [first] = wordingFindings(new Map([['packages/core/src/client/a.ts', text]]))
    expect(first && printFinding(first)).toBe(
      'packages/core/src/client/a.ts:2 plain-word: found "the present credential"; write "current"',
    )
  })

  it('covers the messages of sources, the titles of tests and pages, and no other string', () => {
    const sentence = 'It starts anew.'
    expect(inCore(`export const a = '${sentence}'`)).toHaveLength(1)
    expect(inCore('export const a = `${b} starts anew.`')).toHaveLength(1)
    expect(inCore(`export const a = 'anew'`)).toEqual([])
    expect(inTest(`it('starts anew', () => {})`)).toHaveLength(1)
    expect(inTest(`const a = '${sentence}'`)).toEqual([])
    expect(inTest('const a = `https://example.com // it starts anew`')).toEqual([])
    expect(found('docs/guide/a.md', sentence)).toHaveLength(1)
    expect(found('docs/guide/a.md', `\`\`\`ts\n// ${sentence}\nconst anew = 1\n\`\`\``)).toHaveLength(1)
    expect(found('docs/reference/a.md', sentence)).toEqual([])
    const table = `<!-- reasons -->\n| ${sentence} |\n<!-- end of reasons -->\n`
    expect(found('docs/guide/a.md', table)).toEqual([])
    expect(found('docs/guide/a.md', `${table}${sentence}`)).toEqual(['plain-word: anew'])
    expect(found('packages/core/README.md', sentence)).toHaveLength(1)
    expect(found('.changeset/a.md', sentence)).toHaveLength(1)
  })
})

describe('the docstring rule', () => {
  it.each([
    ['/** What is stored. */ export const a = 1', 'docstring-start: What is stored'],
    ['interface A { /** How long it waits. */ b: number }', 'docstring-start: How long it waits'],
    ['/** Whether it is stored. */ function a() {}', 'docstring-start: Whether it is stored'],
    ['/** The stored row. */ const a = () => 1', 'docstring-start: The stored row.'],
    ['class A { /** The stored row. */ b() {} }', 'docstring-start: The stored row.'],
    [`/** Returns ${'a row and '.repeat(9)}a row. */ function a() {}`, 'docstring-length: Returns'],
  ])('refuses %s', (text, finding) => {
    expect(inCore(text)).toEqual([expect.stringContaining(finding)])
  })

  it.each([
    '/** Returns the stored row. What else it holds does not matter. */ function a() {}',
    'interface A { /** Whether the row is stored. */ b: boolean }',
    'interface A { /** The stored row. */ b: string }',
    '/** @throws an error */ function a() {}',
    '// What follows is sorted.\nfunction a() {}',
  ])('accepts %s', (text) => {
    expect(inCore(text)).toEqual([])
  })
})

describe('the message rule', () => {
  it('refuses a message of more than 12 words, where a placeholder is one word', () => {
    const message = (words: number): string => `\${a.b(c, d)}${' word'.repeat(words - 1)}`
    expect(inCore(`new ConnectorError('TIMEOUT', \`${message(12)}\`)`)).toEqual([])
    expect(inCore(`new ConnectorError('TIMEOUT', \`${message(13)}\`)`)).toHaveLength(1)
    expect(inCore(`new ConnectorError('TIMEOUT', a ? 'Short.' : \`${message(13)}\`)`)).toHaveLength(1)
  })

  it('refuses a question', () => {
    expect(inCore(`new ConnectorError('TIMEOUT', 'Is the server up?')`)).toEqual([
      'message-question: Is the server up?',
    ])
  })
})

describe('the test rule', () => {
  it('refuses `test` of vitest', () => {
    expect(inTest(`import { expect, test } from 'vitest'`)).toEqual(['test-function: test'])
    expect(inTest(`import { expect, it } from 'vitest'`)).toEqual([])
  })

  it.each(['that is refused', 'which fails', 'and returns', 'of two calls one wins', 'the one that fails'])(
    'refuses the title "%s"',
    (title) => {
      expect(inTest(`it('${title}', () => {})`)).toEqual([`test-title: ${title}`])
      expect(inTest(`it.each([1])('${title}', () => {})`)).toEqual([`test-title: ${title}`])
      expect(inTest(`describe('${title}', () => {})`)).toEqual([])
    },
  )

  it('accepts a title that begins with a verb or its subject', () => {
    expect(inTest(`it('retries a read after a 503', () => {}); it('a write is sent once', () => {})`)).toEqual([])
  })
})

describe('the name rule', () => {
  it.each([
    ['const MOST_BYTES = 1', 'constant: MOST_BYTES'],
    ['interface ClientParts {}', 'suffix: ClientParts'],
    ['class SmallWorld {}', 'suffix: SmallWorld'],
    ['type ServerSetup = string', 'suffix: ServerSetup'],
    ['function purchase() {}', 'old-name: purchase'],
    ['interface A { asksForAll: string }', 'old-name: asksForAll'],
    ['interface A { noRetry?: boolean }', 'boolean: noRetry'],
  ])('refuses %s', (text, finding) => {
    expect(inCore(text)).toEqual([finding])
  })

  it.each([
    'const MAX_BYTES = 1',
    'interface ClientContext {}',
    'const { purchase } = a',
    'interface A { note: boolean }',
  ])('accepts %s', (text) => {
    expect(inCore(text)).toEqual([])
  })

  it('refuses an old file name', () => {
    expect(found('packages/core/test/normal-fetch.test.ts', '')).toEqual(['old-name: normal-fetch'])
  })
})

describe('the list of files that are not yet converted', () => {
  const finding = (path: string): Finding => ({ path, line: 1, rule: 'r', found: 'a', write: 'b', reason: 'c' })

  it('refuses more findings than listed, fewer, and a listed file that is gone', () => {
    const violations = allowanceViolations([finding('a'), finding('a'), finding('b')], { a: 1, b: 2, c: 1 })
    expect(violations).toEqual([
      'a has 2 findings; 1 are allowed',
      'a:1 r: found "a"; write "b"',
      'a:1 r: found "a"; write "b"',
      'b has 1 findings, not 2: run with UPDATE_WORDING=1',
      'c has 0 findings, not 1: run with UPDATE_WORDING=1',
    ])
  })

  it('is lowered and never raised', () => {
    const findings = [finding('a'), finding('a'), finding('b'), finding('d')]
    expect(loweredAllowance(findings, { a: 1, b: 2, c: 1 }, () => true)).toEqual({ a: 1, b: 1 })
  })

  it('passes the allowance of a file that is gone to its successor', () => {
    expect(loweredAllowance([finding('new'), finding('other')], { old: 1 }, (path) => path !== 'old')).toEqual({
      new: 1,
    })
  })
})

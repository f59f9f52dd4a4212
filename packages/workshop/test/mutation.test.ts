import { runInThisContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { chooseMutants } from '../src/mutation/choose.ts'
import { mutate, mutationsOf, withProbes } from '../src/mutation/mutations.ts'

const mutantsOf = (text: string): readonly string[] =>
  mutationsOf('made-up.ts', text).map((mutation) => mutate(text, mutation))

describe('mutationsOf', () => {
  it.each([
    ['const read = async () => await load()', 'const read = async () => load()'],
    ['if (known) stop()', 'if (!(known)) stop()'],
    ['const same = a === b', 'const same = a !== b'],
    ['const fits = a < b', 'const fits = a <= b'],
    ['const both = a && b', 'const both = a || b'],
    ['const value = a ?? b', 'const value = b'],
    ['const sum = a + b', 'const sum = a - b'],
    ['const max = 1_000', 'const max = 1001'],
    ["const key = 'connections/'", 'const key = "connections/~"'],
    ['const isOpen = true', 'const isOpen = false'],
    ['queue.push(item)', 'void 0'],
    ["const codes = ['A', 'B']", "const codes = ['B']"],
    ['const error = { status, hint: text }', 'const error = { hint: text }'],
    ['const least = Math.min(a, b)', 'const least = Math.max(a, b)'],
  ])('changes %s into %s', (text, mutant) => {
    expect(mutantsOf(text)).toContain(mutant)
  })

  it.each([
    "import { a } from './a.ts'",
    'interface Row { readonly kind: 1 }',
    "type Kind = 'one' | 'two'",
    "const message = 'A sentence for a reader.'",
    "const late = () => import('./late.ts')",
  ])('does not change the names, types and messages of %s', (text) => {
    expect(mutantsOf(text)).toEqual([])
  })
})

describe('withProbes', () => {
  const run = (text: string): { readonly result: unknown; readonly reached: ReadonlySet<number> } => {
    const mutations = mutationsOf('made-up.ts', text)
    const reached = new Set<number>()
    const probed = withProbes(text, mutations, (mutation) => mutations.indexOf(mutation))
    Object.assign(globalThis, { __reached: (id: number) => void reached.add(id) })
    try {
      // The probed text is JavaScript here: run it as a program would.
      const result: unknown = runInThisContext(`(() => {\n${probed}\nreturn out\n})()`)
      return { result, reached }
    } finally {
      Reflect.deleteProperty(globalThis, '__reached')
    }
  }

  it('keeps the meaning of a program without semicolons', () => {
    const text = [
      'const out = []',
      'const add = (value) => out.push(value)',
      'add(1 + 2 * 3)',
      'if (out.length === 1 && out[0] > 6) add({ out: 4 }.out)',
      "out.length > 1 ? add('x' + 'y') : add(false)",
      'const both = { add, n: [5, 6] }',
      'both.add(both.n[1] ?? 9)',
    ].join('\n')
    expect(run(text).result).toEqual([7, 4, 'xy', 6])
  })

  it('records only the mutations that are executed', () => {
    const text = 'let out = 0\nif (out === 1) out = 2\nelse out = 3'
    const mutations = mutationsOf('made-up.ts', text)
    const { reached } = run(text)
    const missed = mutations.filter((_, id) => !reached.has(id)).map((mutation) => mutate(text, mutation))
    expect(missed).toEqual([text.replace('out = 2', 'void 0'), text.replace('2', '3')])
  })
})

describe('chooseMutants', () => {
  const sources = new Map([['made-up.ts', 'const a = 1 + 2\nconst b = [true, false]\nconst c = a < 3 && b']])

  it('chooses the same mutants for the same random numbers', () => {
    const choose = () =>
      chooseMutants(sources, 4, sequence([0.1, 0.7, 0.4, 0.9, 0.2]), () => true).map(
        ({ operator, start, replacement }) => `${operator} at ${start}: ${replacement}`,
      )
    expect(choose()).toHaveLength(4)
    expect(choose()).toEqual(choose())
  })

  it('skips mutants that do not compile, and ends when none is left', () => {
    const chosen = chooseMutants(sources, 100, sequence([0.5]), (_, text) => text.includes('1 - 2'))
    expect(chosen.map(({ operator }) => operator)).toEqual(['swap arithmetic'])
  })
})

function sequence(numbers: readonly number[]): () => number {
  let at = 0
  return () => numbers[at++ % numbers.length] ?? 0
}

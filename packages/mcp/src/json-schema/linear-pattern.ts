import type { Budget } from './budget.ts'
import { parsePattern } from './pattern-syntax.ts'
import type { Assertion, PatternNode } from './pattern-syntax.ts'

/** Instructions of one pattern, with counted repetitions written out. */
const MAX_INSTRUCTIONS = 10_000

/** One step of the automaton. `next` and `other` are indexes of instructions. */
type Instruction =
  | { readonly op: 'one'; readonly matches: (unit: string) => boolean }
  | { readonly op: 'assert'; readonly kind: Assertion }
  | { readonly op: 'split'; readonly next: number; other: number }
  | { readonly op: 'jump'; next: number }
  | { readonly op: 'match' }

/** A regular expression that runs in linear time: it follows all alternatives at once (Thompson's construction). */
export class LinearPattern {
  readonly #program: readonly Instruction[]
  readonly #unicode: boolean

  /** Returns undefined if the pattern is invalid, needs backtracking, or is too large. */
  static of(source: string): LinearPattern | undefined {
    const parsed = parsePattern(source)
    const program: Instruction[] = []
    if (parsed === undefined || !emit(parsed.node, program)) return undefined
    program.push({ op: 'match' })
    return new LinearPattern(program, parsed.unicode)
  }

  private constructor(program: readonly Instruction[], unicode: boolean) {
    this.#program = program
    this.#unicode = unicode
  }

  /**
   * Returns whether the pattern matches anywhere in the text.
   * @throws BudgetExceeded if the steps run out
   */
  test(text: string, budget: Budget): boolean {
    const marks = new Uint32Array(this.#program.length)
    let current: number[] = []
    let previous = ''
    for (let at = 0, round = 1; ; round++) {
      const unit = this.#unitAt(text, at)
      // A match may begin at each character.
      current.push(0)
      const waiting = this.#closure(current, previous, unit, { marks, round, budget })
      if (waiting === undefined) return true
      if (unit === '' || (waiting.length === 0 && this.#isAnchored)) return false
      current = []
      for (const index of waiting) {
        const step = this.#program[index]
        if (step?.op === 'one' && step.matches(unit)) current.push(index + 1)
      }
      budget.use(waiting.length)
      previous = unit
      at += unit.length
    }
  }

  /** Whether no match can begin after the start. */
  get #isAnchored(): boolean {
    const [first] = this.#program
    return first?.op === 'assert' && first.kind === 'start'
  }

  #unitAt(text: string, at: number): string {
    if (at >= text.length) return ''
    return this.#unicode ? String.fromCodePoint(text.codePointAt(at) ?? 0) : text.charAt(at)
  }

  /** Returns the states that wait for a character, or undefined if the match state is reached. */
  #closure(left: number[], previous: string, unit: string, { marks, round, budget }: Round): number[] | undefined {
    const waiting: number[] = []
    for (let index = left.pop(); index !== undefined; index = left.pop()) {
      if (marks[index] === round) continue
      marks[index] = round
      budget.use(1)
      const step = this.#program[index]
      if (step?.op === 'match') return undefined
      if (step?.op === 'one') waiting.push(index)
      else if (step?.op === 'jump') left.push(step.next)
      else if (step?.op === 'split') left.push(step.next, step.other)
      else if (step?.op === 'assert' && holds(step.kind, previous, unit)) left.push(index + 1)
    }
    return waiting
  }
}

interface Round {
  /** The last round in which each instruction was visited. */
  readonly marks: Uint32Array
  readonly round: number
  readonly budget: Budget
}

function holds(kind: Assertion, previous: string, unit: string): boolean {
  if (kind === 'start') return previous === ''
  if (kind === 'end') return unit === ''
  return (isWord(previous) !== isWord(unit)) === (kind === 'boundary')
}

const isWord = (unit: string): boolean => /^\w$/.test(unit)

/** Appends the instructions of `node`, at least one. Returns false if there are too many. */
function emit(node: PatternNode, program: Instruction[]): boolean {
  const start = program.length
  if (start > MAX_INSTRUCTIONS || !emitNode(node, program)) return false
  // Otherwise counted repetitions of an empty node would be unbounded work.
  if (program.length === start) program.push({ op: 'jump', next: start + 1 })
  return true
}

function emitNode(node: PatternNode, program: Instruction[]): boolean {
  switch (node.type) {
    case 'one':
      program.push({ op: 'one', matches: node.matches })
      return true
    case 'assert':
      program.push({ op: 'assert', kind: node.kind })
      return true
    case 'sequence':
      return node.nodes.every((each) => emit(each, program))
    case 'choice':
      return emitChoice(node.nodes, program)
    case 'repeat':
      return emitRepeat(node, program)
  }
}

function emitChoice(nodes: readonly PatternNode[], program: Instruction[]): boolean {
  const jumps: { next: number }[] = []
  for (const [index, node] of nodes.entries()) {
    const split = { op: 'split' as const, next: program.length + 1, other: 0 }
    const isLast = index === nodes.length - 1
    if (!isLast) program.push(split)
    if (!emit(node, program)) return false
    if (isLast) continue
    const jump = { op: 'jump' as const, next: 0 }
    program.push(jump)
    jumps.push(jump)
    split.other = program.length
  }
  for (const jump of jumps) jump.next = program.length
  return true
}

function emitRepeat({ node, min, max }: PatternNode & { readonly type: 'repeat' }, program: Instruction[]): boolean {
  if (min > MAX_INSTRUCTIONS || (max !== Number.POSITIVE_INFINITY && max > MAX_INSTRUCTIONS)) return false
  for (let round = 0; round < min; round++) if (!emit(node, program)) return false
  if (max === Number.POSITIVE_INFINITY) {
    const start = program.length
    const split = { op: 'split' as const, next: start + 1, other: 0 }
    program.push(split)
    if (!emit(node, program)) return false
    program.push({ op: 'jump', next: start })
    split.other = program.length
    return true
  }
  const splits: { other: number }[] = []
  for (let round = min; round < max; round++) {
    const split = { op: 'split' as const, next: program.length + 1, other: 0 }
    program.push(split)
    splits.push(split)
    if (!emit(node, program)) return false
  }
  for (const split of splits) split.other = program.length
  return true
}

import { expect, it } from 'vitest'
import { compare, compareTrials } from '../src/statistics/compare.ts'
import { median, quantile } from '../src/statistics/median.ts'
import { playRounds, shuffled } from '../src/statistics/rounds.ts'
import { spreadOf } from '../src/statistics/spread.ts'

/** Returns a reproducible generator (Lehmer). */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
}

it('computes the median as the middle value, or the mean of the two in the middle', () => {
  expect(median([3, 1, 2])).toBe(2)
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(median([10, 9])).toBe(9.5)
  expect(() => median([])).toThrow('nothing')
})

it('sorts values as numbers, and does not change the input', () => {
  const values = [100, 9, 20]
  expect(median(values)).toBe(20)
  expect(values).toEqual([100, 9, 20])
})

it('interpolates a quantile between its neighbours', () => {
  expect(quantile([0, 10, 20, 30], 0.25)).toBe(7.5)
  expect(quantile([5, 1], 0)).toBe(1)
  expect(quantile([5, 1], 1)).toBe(5)
})

it('computes a ratio inside a round, not between the medians of all rounds', () => {
  const rounds = new Map([
    ['slow', [2, 200, 30]],
    ['base', [1, 100, 10]],
  ])
  const { ratio, median: middle, above } = compare(rounds, 'slow', 'base', (value) => value)
  expect(ratio).toBe(2)
  expect(middle).toBe(30)
  expect(above).toBe(16 - 5.5)
})

it('compares inside each trial, and quotes the middle trial with the interquartile range', () => {
  const trial = (slow: number, base: number) =>
    new Map([
      ['slow', [slow, slow, slow]],
      ['base', [base, base, base]],
    ])
  const trials = [trial(20, 10), trial(300, 100), trial(4, 4), trial(12, 10), trial(99, 33)]
  const { ratio, above } = compareTrials(trials, 'slow', 'base', (value) => value)
  expect(ratio).toEqual({ figure: 2, from: 1.2, to: 3 })
  expect(above).toEqual({ figure: 10, from: 2, to: 66 })
})

it('takes a spread from the second to the fourth of five processes', () => {
  expect(spreadOf([5, 1, 4, 100, 3])).toEqual({ figure: 4, from: 3, to: 5 })
})

it('rejects contestants with different rounds', () => {
  const rounds = new Map([
    ['a', [1, 2]],
    ['b', [1]],
  ])
  expect(() => compare(rounds, 'a', 'b', (value) => value)).toThrow('same rounds')
  expect(() => compare(rounds, 'a', 'nobody', (value) => value)).toThrow('same rounds')
})

it('runs every contestant once a round before the next round', async () => {
  const goes: string[] = []
  const contestants = ['a', 'b', 'c', 'd']
  const samples = await playRounds({ contestants, rounds: 20, random: numbers(7) }, async (contestant) =>
    goes.push(contestant),
  )
  const rounds = Array.from({ length: 20 }, (_, round) => goes.slice(round * 4, round * 4 + 4))
  for (const round of rounds) expect(round.toSorted()).toEqual(contestants)
  expect(new Set(rounds.map((round) => round.join(''))).size).toBeGreaterThan(5)
  expect(samples.get('c')).toEqual(rounds.map((round, index) => index * 4 + round.indexOf('c') + 1))
})

it('begins no round after the time limit, but runs at least three', async () => {
  let elapsed = 0
  const play = (mostMs: number) =>
    playRounds(
      { contestants: ['a'], rounds: 10, random: numbers(1), mostMs, nowMs: () => elapsed },
      async () => (elapsed += 100),
    )
  expect((await play(450)).get('a')).toHaveLength(5)
  expect((await play(1)).get('a')).toHaveLength(3)
})

it('shuffles all values into varying orders', () => {
  const values = Array.from({ length: 12 }, (_, index) => index)
  const random = numbers(3)
  const drawn = Array.from({ length: 5 }, () => shuffled(values, random))
  for (const each of drawn) expect(each.toSorted((a, b) => a - b)).toEqual(values)
  expect(new Set(drawn.map(String)).size).toBe(5)
})

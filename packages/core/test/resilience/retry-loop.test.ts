import { describe, expect, it } from 'vitest'
import { retryLoop } from '../../src/resilience/retry-loop.ts'

const first = new Error('first')

function loop(outcomes: readonly unknown[], options: { maxAttempts?: number; mayRetry?: boolean } = {}) {
  const offered: unknown[] = []
  const numbers: number[] = []
  const result = retryLoop({
    failure: first,
    maxAttempts: options.maxAttempts ?? 5,
    mayRetry: async (failure) => {
      offered.push(failure)
      return options.mayRetry ?? true
    },
    run: async (number) => {
      numbers.push(number)
      const outcome = outcomes[number - 2]
      if (outcome === 'success') return number
      throw outcome
    },
  })
  return { result, offered, numbers }
}

describe('retryLoop', () => {
  it('resolves with the first success and counts on from the first attempt', async () => {
    const second = new Error('second')
    const { result, offered, numbers } = loop([second, 'success'])
    expect(await result).toBe(3)
    expect(numbers).toEqual([2, 3])
    expect(offered).toEqual([first, second])
  })

  it('rejects with the last failure after the last attempt', async () => {
    const last = new Error('last')
    const { result, offered, numbers } = loop([new Error('second'), last], { maxAttempts: 3 })
    await expect(result).rejects.toBe(last)
    expect(numbers).toEqual([2, 3])
    expect(offered).toHaveLength(2)
  })

  it('rejects with the first failure if no retry is allowed', async () => {
    const { result, numbers } = loop(['success'], { mayRetry: false })
    await expect(result).rejects.toBe(first)
    expect(numbers).toEqual([])
  })

  it.each([
    ['a string', 'just a string'],
    ['undefined', undefined],
    ['a TypeError', new TypeError('not a function')],
  ])('passes on %s as it was thrown', async (_what, reason) => {
    const retried = loop([reason, 'success'])
    expect(await retried.result).toBe(3)
    expect(retried.offered).toEqual([first, reason])
    await expect(loop([reason], { maxAttempts: 2 }).result).rejects.toBe(reason)
  })

  it('rejects with the reason with which the wait ended', async () => {
    const cancelled = new Error('cancelled')
    const result = retryLoop({
      failure: first,
      maxAttempts: 3,
      mayRetry: () => Promise.reject(cancelled),
      run: () => Promise.resolve('never'),
    })
    await expect(result).rejects.toBe(cancelled)
  })
})

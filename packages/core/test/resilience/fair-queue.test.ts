import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FairQueue } from '../../src/resilience/fair-queue.ts'

const drain = <T>(queue: FairQueue<T>): T[] => {
  const served: T[] = []
  for (let item = queue.shift(); item !== undefined; item = queue.shift()) served.push(item)
  return served
}

describe('FairQueue', () => {
  it('serves one tenant in order of arrival', () => {
    const queue = new FairQueue<number>()
    for (const item of [1, 2, 3]) queue.push('ada', item)
    expect(drain(queue)).toEqual([1, 2, 3])
    expect([...queue].length).toBe(0)
    expect(queue.shift()).toBeUndefined()
  })

  it('serves a tenant behind a thousand calls of another second, not last', () => {
    const queue = new FairQueue<string>()
    for (let index = 0; index < 1000; index += 1) queue.push('flooding', `flood ${index}`)
    queue.push('quiet', 'quiet')
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['flood 0', 'quiet', 'flood 1'])
  })

  it('alternates between tenants', () => {
    const queue = new FairQueue<string>()
    for (const tenant of ['a', 'b', 'c']) for (const number of [1, 2, 3]) queue.push(tenant, `${tenant}${number}`)
    expect(drain(queue)).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'c2', 'a3', 'b3', 'c3'])
  })

  it('gives no saved turns to a tenant that returns', () => {
    const queue = new FairQueue<string>()
    queue.push('a', 'a1')
    queue.push('b', 'b1')
    queue.push('b', 'b2')
    queue.push('b', 'b3')
    expect([queue.shift(), queue.shift(), queue.shift()]).toEqual(['a1', 'b1', 'b2'])
    queue.push('a', 'a2')
    queue.push('a', 'a3')
    expect(drain(queue)).toEqual(['a2', 'b3', 'a3'])
  })

  it('shares cost, not the number of calls', () => {
    const queue = new FairQueue<string>()
    for (let index = 0; index < 4; index += 1) queue.push('dear', 'dear', 5)
    for (let index = 0; index < 20; index += 1) queue.push('cheap', 'cheap', 1)
    const served = Array.from({ length: 12 }, () => queue.shift())
    const count = (name: string) => served.filter((item) => item === name).length
    expect([count('dear'), count('cheap')]).toEqual([2, 10])
  })

  it('finds the next item in few steps even if every item is expensive', () => {
    const queue = new FairQueue<number>()
    for (let tenant = 0; tenant < 100; tenant += 1) queue.push(`tenant ${tenant}`, tenant, 1_000_000 + tenant)
    expect(drain(queue)).toEqual(Array.from({ length: 100 }, (_, tenant) => tenant))
  })

  it('counts a turn for an item without cost', () => {
    const queue = new FairQueue<string>()
    for (let index = 0; index < 3; index += 1) queue.push('free', `free ${index}`, 0)
    queue.push('other', 'other')
    expect([queue.shift(), queue.shift()]).toEqual(['free 0', 'other'])
  })

  it('returns from peek what shift will remove, however often', () => {
    const queue = new FairQueue<string>()
    queue.push('a', 'a1')
    queue.push('b', 'b1', 3)
    for (let turn = 0; turn < 5; turn += 1) expect(queue.peek()).toBe('a1')
    expect(queue.shift()).toBe('a1')
    for (let turn = 0; turn < 5; turn += 1) expect(queue.peek()).toBe('b1')
    expect(queue.shift()).toBe('b1')
    expect(queue.peek()).toBeUndefined()
  })

  it('removes from any position, and only once', () => {
    const queue = new FairQueue<string>()
    const removals = ['a1', 'a2', 'a3'].map((item) => queue.push('a', item))
    queue.push('b', 'b1')
    removals[1]?.()
    removals[1]?.()
    expect([...queue].length).toBe(3)
    removals[0]?.()
    expect(queue.shift()).toBe('a3')
    removals[2]?.()
    expect(drain(queue)).toEqual(['b1'])
  })

  it('passes on the turn if the last item of the current tenant is removed', () => {
    const queue = new FairQueue<string>()
    const remove = queue.push('a', 'a1')
    queue.push('b', 'b1')
    queue.push('c', 'c1')
    expect(queue.peek()).toBe('a1')
    remove()
    expect(drain(queue)).toEqual(['b1', 'c1'])
  })

  it('returns the cost that is served before a new item', () => {
    const queue = new FairQueue<string>()
    expect(queue.ahead('new', 1)).toBe(0)
    for (let index = 0; index < 1000; index += 1) queue.push('flooding', 'flood')
    queue.push('other', 'other')
    expect(queue.ahead('new', 1)).toBe(2)
    expect(queue.ahead('other', 1)).toBe(3)
    expect(queue.ahead('flooding', 1)).toBe(1001)
    while ([...queue].length > 3) queue.shift()
    queue.push('other', 'other', 5)()
    expect(queue.ahead('flooding', 1)).toBe(3)
    expect(queue.ahead('other', 5)).toBe(3)
  })

  it('serves each item once in the order of its tenant, for any pushes and removals', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('push' as const), tenant: fc.nat(4), cost: fc.constantFrom(0.5, 1, 1, 1, 2, 7, 40) }),
      fc.record({ do: fc.constant('remove' as const), which: fc.nat() }),
      fc.record({ do: fc.constant('shift' as const) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const queue = new FairQueue<{ tenant: number; order: number }>()
        const waiting = new Map<number, { tenant: number; cost: number; remove: () => void }>()
        const served: { tenant: number; order: number }[] = []
        const serve = () => {
          const expected = queue.peek()
          const item = queue.shift()
          expect(item).toBe(expected)
          if (item === undefined) return
          expect(waiting.delete(item.order)).toBe(true)
          served.push(item)
        }
        for (const [order, each] of steps.entries()) {
          if (each.do === 'push') {
            const { tenant, cost } = each
            waiting.set(order, { tenant, cost, remove: queue.push(String(tenant), { tenant, order }, cost) })
          } else if (each.do === 'remove') {
            const [chosen, entry] = [...waiting][each.which % Math.max(waiting.size, 1)] ?? []
            entry?.remove()
            if (chosen !== undefined) waiting.delete(chosen)
          } else {
            serve()
          }
          expect([...queue].length).toBe(waiting.size)
          expect([...queue]).toHaveLength(waiting.size)
          const queued = (name: number) =>
            [...waiting.values()].reduce((sum, { tenant, cost }) => sum + (tenant === name ? cost : 0), 0)
          const others = [1, 2, 3, 4].map((name) => Math.min(queued(name), queued(0) + 2))
          expect(queue.ahead('0', 2)).toBe(others.reduce((sum, cost) => sum + cost, queued(0)))
        }
        while ([...queue].length > 0) serve()
        expect(waiting.size).toBe(0)
        for (const tenant of [0, 1, 2, 3, 4]) {
          const orders = served.filter((item) => item.tenant === tenant).map((item) => item.order)
          expect(orders).toEqual(orders.toSorted((one, other) => one - other))
        }
      }),
    )
  })

  it('gives no tenant more than one maximum cost ahead of another while all wait', () => {
    const costs = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 30, maxLength: 30 })
    fc.assert(
      fc.property(costs, costs, costs, (...tenants) => {
        const queue = new FairQueue<{ tenant: number; cost: number }>()
        for (const [tenant, each] of tenants.entries()) {
          for (const cost of each) queue.push(String(tenant), { tenant, cost }, cost)
        }
        const spent = [0, 0, 0]
        const left = [30, 30, 30]
        while (left.every((count) => count > 0)) {
          const item = queue.shift()
          if (item === undefined) break
          spent[item.tenant] = (spent[item.tenant] ?? 0) + item.cost
          left[item.tenant] = (left[item.tenant] ?? 0) - 1
          expect(Math.max(...spent) - Math.min(...spent)).toBeLessThanOrEqual(9 + 1)
        }
      }),
    )
  })
})

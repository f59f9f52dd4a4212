import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Blocks } from '../../src/resilience/blocks.ts'
import { Concurrency } from '../../src/resilience/concurrency.ts'
import { Gate } from '../../src/resilience/gate.ts'
import type { Pass } from '../../src/resilience/gate.ts'
import { Gcra } from '../../src/resilience/gcra.ts'
import { settled, TestClock } from './test-clock.ts'

const make = () => {
  const clock = new TestClock()
  return {
    clock,
    gate: new Gate({ clock }),
    gcra: new Gcra({ clock }),
    blocks: new Blocks({ clock }),
    concurrency: new Concurrency({ clock }),
  }
}

const tenSecond = { requests: 10, perMs: 1000, burst: 1 }

/** Enters the gate, and records the result and its time. */
const enter = (gate: Gate, clock: TestClock, pass: Partial<Pass> & Pick<Pass, 'barriers'>) => {
  const started = clock.monotonic()
  const call = {
    state: 'waiting',
    atMs: -1,
    error: undefined as unknown,
    pass: { tenant: 'ada', maxWaitMs: 60_000, ...pass },
  }
  const settle = (state: string, error?: unknown) => {
    Object.assign(call, { state, error, atMs: clock.monotonic() - started })
  }
  const entering = gate.enter(call.pass)
  if (entering === undefined) settle('passed')
  else {
    entering.then(
      () => {
        settle('passed')
      },
      (error: unknown) => {
        settle('refused', error)
      },
    )
  }
  return call
}

const refusedWith = (details: object) => expect.objectContaining({ code: 'MCP_RATE_LIMIT_EXCEEDED', details })

describe('Gate', () => {
  it('passes an unlimited call at once, without a promise and without a timer', () => {
    const { gate, gcra, blocks, concurrency, clock } = make()
    const barriers = [gcra.barrier('app', tenSecond), blocks.barrier('app'), concurrency.barrier('app', 1)]
    expect(gate.enter({ tenant: 'ada', barriers, maxWaitMs: 0 })).toBeUndefined()
    expect(gate.enter({ tenant: 'ada', barriers: [], maxWaitMs: 0 })).toBeUndefined()
    expect([clock.timers, gate.size]).toEqual([0, 0])
  })

  it('passes a waiting call when the limit allows it, and leaves no timer behind', async () => {
    const { gate, gcra, clock } = make()
    const calls = Array.from({ length: 4 }, () => enter(gate, clock, { barriers: [gcra.barrier('app', tenSecond)] }))
    expect([clock.timers, gate.size]).toEqual([1, 1])
    await clock.advance(1000)
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, 100, 200, 300])
    expect([clock.timers, gate.size]).toEqual([0, 0])
  })

  it('rounds a wait up to a whole millisecond, so that no call wakes early and waits twice', async () => {
    const { gate, gcra, clock } = make()
    const third = { requests: 3, perMs: 1000, burst: 1 }
    const calls = Array.from({ length: 4 }, () => enter(gate, clock, { barriers: [gcra.barrier('app', third)] }))
    await clock.advance(5000)
    expect(calls.map(({ atMs }) => atMs)).toEqual([0, 334, 668, 1002])
  })

  it('serves tenant B behind 1000 calls of tenant A second, not 1001st', async () => {
    const { gate, gcra, clock } = make()
    const barriers = () => [gcra.barrier('app', tenSecond)]
    const flood = Array.from({ length: 1001 }, () => enter(gate, clock, { barriers: barriers(), maxWaitMs: Infinity }))
    const quiet = enter(gate, clock, { tenant: 'bob', barriers: barriers() })
    await clock.advance(200)
    expect(quiet).toMatchObject({ state: 'passed', atMs: 200 })
    expect(flood.filter(({ state }) => state === 'passed')).toHaveLength(2)
  })

  it('does not let a new call overtake waiting calls, although it would pass alone', async () => {
    const { gate, gcra, clock } = make()
    const limit = { requests: 10, perMs: 1000, burst: 10 }
    enter(gate, clock, { barriers: [gcra.barrier('app', limit, 8)] })
    const dear = enter(gate, clock, { barriers: [gcra.barrier('app', limit, 5)] })
    const cheap = enter(gate, clock, { barriers: [gcra.barrier('app', limit, 1)] })
    expect([dear.state, cheap.state]).toEqual(['waiting', 'waiting'])
    await clock.advance(1000)
    expect([dear.atMs, cheap.atMs]).toEqual([300, 400])
  })

  it('queues a background call behind every other call, even a later one', async () => {
    const { gate, gcra, clock } = make()
    const barriers = () => [gcra.barrier('app', tenSecond)]
    enter(gate, clock, { barriers: barriers() })
    const background = enter(gate, clock, { barriers: barriers(), isBackground: true })
    const first = enter(gate, clock, { barriers: barriers() })
    await clock.advance(50)
    const second = enter(gate, clock, { tenant: 'bob', barriers: barriers() })
    await clock.advance(1000)
    expect([first.atMs, second.atMs, background.atMs]).toEqual([100, 150, 300])
    expect([clock.timers, gate.size]).toEqual([0, 0])
  })

  it('rejects a background call at once if the calls before it would delay it too long', async () => {
    const { gate, gcra, clock } = make()
    const barriers = () => [gcra.barrier('app', tenSecond)]
    for (let index = 0; index < 31; index += 1) enter(gate, clock, { barriers: barriers() })
    const refused = enter(gate, clock, { tenant: 'bob', barriers: barriers(), maxWaitMs: 3000, isBackground: true })
    const normal = enter(gate, clock, { tenant: 'bob', barriers: barriers(), maxWaitMs: 3000 })
    await settled()
    expect([refused.state, normal.state]).toEqual(['refused', 'waiting'])
  })

  it('alternates between the background calls of two tenants', async () => {
    const { gate, gcra, clock } = make()
    const barriers = () => [gcra.barrier('app', tenSecond)]
    enter(gate, clock, { barriers: barriers() })
    const ada = [1, 2].map(() => enter(gate, clock, { barriers: barriers(), isBackground: true }))
    const bob = enter(gate, clock, { tenant: 'bob', barriers: barriers(), isBackground: true })
    await clock.advance(1000)
    expect([...ada, bob].map(({ atMs }) => atMs)).toEqual([100, 300, 200])
  })

  it('does not let a new call overtake at the moment when the barrier opens', async () => {
    const { gate, blocks, clock } = make()
    blocks.block('app', clock.monotonic() + 1000)
    const states: string[] = []
    clock.schedule(1000, () => {
      states.push(enter(gate, clock, { barriers: [blocks.barrier('app')] }).state)
    })
    const first = enter(gate, clock, { barriers: [blocks.barrier('app')] })
    await clock.advance(1000)
    expect([first.atMs, ...states]).toEqual([1000, 'waiting'])
    await clock.advance(100)
    expect(gate.size).toBe(0)
  })

  describe('a Gate that cannot admit a call in time', () => {
    it('rejects a call that may not wait', async () => {
      const { gate, gcra, clock } = make()
      enter(gate, clock, { barriers: [gcra.barrier('app', tenSecond)] })
      const refused = enter(gate, clock, { barriers: [gcra.barrier('app', tenSecond)], maxWaitMs: 0 })
      await settled()
      expect(refused).toMatchObject({ state: 'refused', atMs: 0 })
      expect(refused.error).toEqual(refusedWith({ retryAfterMs: 100, outcome: 'not_processed' }))
      expect([clock.timers, gate.size]).toEqual([0, 0])
    })

    it('rejects a call that would wait too long behind the others, including those served before it', async () => {
      const { gate, gcra, clock } = make()
      const barriers = () => [gcra.barrier('app', tenSecond)]
      for (let index = 0; index < 31; index += 1) enter(gate, clock, { barriers: barriers() })
      const refused = enter(gate, clock, { barriers: barriers(), maxWaitMs: 3000 })
      const other = enter(gate, clock, { tenant: 'bob', barriers: barriers(), maxWaitMs: 3000 })
      await settled()
      expect(refused.error).toEqual(refusedWith({ retryAfterMs: 3100, outcome: 'not_processed' }))
      expect(other.state).toBe('waiting')
      await clock.advance(200)
      expect(other.atMs).toBe(200)
    })

    it('rejects a call for an hour of Retry-After, although a slot would be free earlier', async () => {
      const { gate, blocks, concurrency, clock } = make()
      const barriers = [concurrency.barrier('app', 1), blocks.barrier('app')]
      enter(gate, clock, { barriers })
      blocks.block('app', clock.monotonic() + 3_600_000)
      const refused = enter(gate, clock, { barriers, maxWaitMs: 30_000 })
      await settled()
      expect(refused.error).toEqual(refusedWith({ retryAfterMs: 3_600_000, outcome: 'not_processed' }))
    })

    it('rejects a call whose wait is unknown, without inventing a time', async () => {
      const { gate, concurrency, clock } = make()
      enter(gate, clock, { barriers: [concurrency.barrier('app', 1)] })
      const refused = enter(gate, clock, { barriers: [concurrency.barrier('app', 1)], maxWaitMs: 0 })
      await settled()
      expect(refused.error).toEqual(refusedWith({ outcome: 'not_processed' }))
    })

    it('rejects a call that can never pass, with a configuration error instead of a throw', async () => {
      const { gate, gcra, clock } = make()
      const refused = enter(gate, clock, { barriers: [gcra.barrier('app', tenSecond, 2)] })
      await settled()
      expect(refused.error).toEqual(expect.objectContaining({ code: 'CONFIGURATION_ERROR' }))
    })
  })

  describe('concurrency', () => {
    it('admits one waiting call for each that leaves, in order', async () => {
      const { gate, concurrency, clock } = make()
      const barriers = [concurrency.barrier('app', 2)]
      const calls = Array.from({ length: 5 }, () => enter(gate, clock, { barriers }))
      expect(calls.map(({ state }) => state)).toEqual(['passed', 'passed', 'waiting', 'waiting', 'waiting'])
      expect(clock.timers).toBe(1)
      for (const [index, call] of calls.entries()) {
        gate.leave(call.pass)
        await settled()
        expect(calls.filter(({ state }) => state === 'passed')).toHaveLength(Math.min(index + 3, 5))
      }
      expect([concurrency.inFlight('app'), clock.timers, gate.size]).toEqual([0, 0, 0])
    })

    it('rejects a call when its wait is over, without taking a slot', async () => {
      const { gate, concurrency, clock } = make()
      const barriers = [concurrency.barrier('app', 1)]
      const first = enter(gate, clock, { barriers })
      const impatient = enter(gate, clock, { barriers, maxWaitMs: 500 })
      const patient = enter(gate, clock, { barriers, maxWaitMs: 5000 })
      await clock.advance(1000)
      expect(impatient).toMatchObject({ state: 'refused', atMs: 500 })
      expect(impatient.error).toEqual(refusedWith({ outcome: 'not_processed' }))
      gate.leave(first.pass)
      await settled()
      expect(patient.state).toBe('passed')
      expect([clock.timers, gate.size]).toEqual([0, 0])
    })

    it('releases the slot of a call that is aborted after passing', async () => {
      const { gate, concurrency, clock } = make()
      const barriers = [concurrency.barrier('app', 1)]
      const first = enter(gate, clock, { barriers })
      const controller = new AbortController()
      const second = enter(gate, clock, { barriers, signal: controller.signal })
      gate.leave(first.pass)
      controller.abort()
      await settled()
      expect([second.state, concurrency.inFlight('app')]).toEqual(['passed', 1])
      gate.leave(second.pass)
      expect(concurrency.inFlight('app')).toBe(0)
    })
  })

  describe('abort', () => {
    it('settles in the same turn of the loop, and takes no tokens', async () => {
      const { gate, gcra, clock } = make()
      enter(gate, clock, { barriers: [gcra.barrier('app', tenSecond)] })
      const controller = new AbortController()
      const aborted = enter(gate, clock, { barriers: [gcra.barrier('app', tenSecond)], signal: controller.signal })
      const behind = enter(gate, clock, { barriers: [gcra.barrier('app', tenSecond)] })
      controller.abort(new Error('enough'))
      await settled()
      expect(aborted).toMatchObject({ state: 'refused', error: new Error('enough') })
      await clock.advance(100)
      expect(behind).toMatchObject({ state: 'passed', atMs: 100 })
    })

    it('closes the queue and its timer for the only waiting call', async () => {
      const { gate, blocks, clock } = make()
      blocks.block('app', clock.monotonic() + 1000)
      const controller = new AbortController()
      enter(gate, clock, { barriers: [blocks.barrier('app')], signal: controller.signal })
      expect(clock.timers).toBe(1)
      controller.abort()
      await settled()
      expect([clock.timers, gate.size]).toEqual([0, 0])
    })

    it('rejects before entering without taking tokens', async () => {
      const { gate, gcra, clock } = make()
      const aborted = enter(gate, clock, {
        barriers: [gcra.barrier('app', tenSecond)],
        signal: AbortSignal.abort('gone'),
      })
      await settled()
      expect(aborted).toMatchObject({ state: 'refused', error: 'gone' })
      expect(gcra.peek('app', tenSecond, 1, clock.monotonic())).toBe(0)
    })

    it('leaves no listener on a signal that outlives the calls', async () => {
      const { gate, gcra, blocks, clock } = make()
      const controller = new AbortController()
      let listeners = 0
      const signal: AbortSignal = Object.assign(controller.signal, {
        addEventListener: () => void (listeners += 1),
        removeEventListener: () => void (listeners -= 1),
      })
      const barriers = [gcra.barrier('app', tenSecond), blocks.barrier('connection')]
      const calls = [1000, 1000, 1000, 150].map((maxWaitMs) => enter(gate, clock, { barriers, signal, maxWaitMs }))
      expect(listeners).toBe(2)
      await clock.advance(100)
      blocks.block('connection', clock.monotonic() + 60_000)
      await clock.advance(1000)
      expect(calls.map(({ state }) => state)).toEqual(['passed', 'passed', 'refused', 'refused'])
      expect(listeners).toBe(0)
    })

    it('lets the cheap call behind an aborted expensive one pass as soon as it can', async () => {
      const { gate, gcra, clock } = make()
      const limit = { requests: 10, perMs: 1000, burst: 10 }
      enter(gate, clock, { barriers: [gcra.barrier('app', limit, 10)] })
      const controller = new AbortController()
      enter(gate, clock, { barriers: [gcra.barrier('app', limit, 10)], signal: controller.signal })
      const cheap = enter(gate, clock, { barriers: [gcra.barrier('app', limit, 1)] })
      controller.abort()
      await clock.advance(1000)
      expect(cheap.atMs).toBe(100)
    })
  })

  describe('several barriers', () => {
    it('takes tokens from all or from none', async () => {
      const { gate, gcra, clock } = make()
      const second = { requests: 1, perMs: 1000 }
      const day = { requests: 2, perMs: 86_400_000 }
      const barriers = () => [gcra.barrier('second', second), gcra.barrier('day', day)]
      enter(gate, clock, { barriers: barriers() })
      const refused = enter(gate, clock, { barriers: barriers(), maxWaitMs: 0 })
      await settled()
      expect(refused.state).toBe('refused')
      expect(gcra.peek('day', day, 1, clock.monotonic())).toBe(0)
    })

    it('does not delay other tenants at the shared limit while one tenant’s connection is paused', async () => {
      const { gate, gcra, blocks, clock } = make()
      const barriers = (connection: string) => [gcra.barrier('app', tenSecond), blocks.barrier(connection)]
      enter(gate, clock, { barriers: barriers('other') })
      blocks.block('paused', clock.monotonic() + 10_000)
      const paused = Array.from({ length: 5 }, () =>
        enter(gate, clock, { tenant: 'ada', barriers: barriers('paused') }),
      )
      const others = Array.from({ length: 5 }, () => enter(gate, clock, { tenant: 'bob', barriers: barriers('other') }))
      await clock.advance(1000)
      expect(others.map(({ atMs }) => atMs)).toEqual([100, 200, 300, 400, 500])
      expect(paused.every(({ state }) => state === 'waiting')).toBe(true)
      await clock.advance(10_000)
      expect(paused.map(({ atMs }) => atMs)).toEqual([10_000, 10_100, 10_200, 10_300, 10_400])
    })

    it('does not delay calls of the same tenant for one that was paused while waiting', async () => {
      const { gate, gcra, blocks, clock } = make()
      const barriers = (connection: string) => [gcra.barrier('app', tenSecond), blocks.barrier(connection)]
      enter(gate, clock, { barriers: barriers('second') })
      const paused = enter(gate, clock, { barriers: barriers('first') })
      const sibling = enter(gate, clock, { barriers: barriers('second') })
      blocks.block('first', clock.monotonic() + 5000)
      await clock.advance(200)
      expect([paused.state, sibling.state, sibling.atMs]).toEqual(['waiting', 'passed', 100])
      await clock.advance(5000)
      expect(paused).toMatchObject({ state: 'passed', atMs: 5000 })
    })

    it('rejects a call that was paused too long while waiting when its turn comes, with the time to wait', async () => {
      const { gate, gcra, blocks, clock } = make()
      const barriers = [gcra.barrier('app', tenSecond), blocks.barrier('connection')]
      enter(gate, clock, { barriers })
      const call = enter(gate, clock, { barriers, maxWaitMs: 5000 })
      blocks.block('connection', clock.monotonic() + 60_000)
      await clock.advance(100)
      expect(call).toMatchObject({ state: 'refused', atMs: 100 })
      expect(call.error).toEqual(refusedWith({ retryAfterMs: 59_900, outcome: 'not_processed' }))
      expect([clock.timers, gate.size]).toEqual([0, 0])
    })

    it('delays waiting calls longer if their block is extended', async () => {
      const { gate, blocks, clock } = make()
      blocks.block('app', clock.monotonic() + 1000)
      const call = enter(gate, clock, { barriers: [blocks.barrier('app')] })
      await clock.advance(500)
      blocks.block('app', clock.monotonic() + 2000)
      await clock.advance(10_000)
      expect(call).toMatchObject({ state: 'passed', atMs: 2500 })
    })

    it.each([
      [1499, 'waiting'],
      [1500, 'refused'],
    ])('rejects a call at once if its block is extended beyond its wait: after %i ms it is %s', async (ms, state) => {
      const { gate, blocks, clock } = make()
      blocks.block('app', clock.monotonic() + 1000)
      const call = enter(gate, clock, { barriers: [blocks.barrier('app')], maxWaitMs: 1500 })
      await clock.advance(500)
      blocks.block('app', clock.monotonic() + 59_500)
      await clock.advance(ms - 500)
      expect(call.state).toBe(state)
      if (state === 'waiting') return
      expect(call.error).toEqual(refusedWith({ retryAfterMs: 58_500, outcome: 'not_processed' }))
      expect([clock.timers, gate.size]).toEqual([0, 0])
    })

    it('separates the queues of two limiters with one key', async () => {
      const clock = new TestClock()
      const gate = new Gate({ clock })
      const [second, minute] = ['second', 'minute'].map((name) => new Gcra({ clock, name }))
      const slow = { requests: 1, perMs: 60_000 }
      enter(gate, clock, { barriers: minute ? [minute.barrier('app', slow)] : [] })
      const waiting = enter(gate, clock, { barriers: minute ? [minute.barrier('app', slow)] : [] })
      const free = enter(gate, clock, { barriers: second ? [second.barrier('app', tenSecond)] : [] })
      expect([waiting.state, free.state]).toEqual(['waiting', 'passed'])
    })
  })

  it('keeps all limits, settles every call and leaves nothing behind, for any calls', async () => {
    const step = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      connection: fc.constantFrom('x', 'y'),
      cost: fc.integer({ min: 1, max: 3 }),
      capped: fc.boolean(),
      maxWaitMs: fc.constantFrom(0, 150, 2000, 100_000),
      holdMs: fc.integer({ min: 0, max: 700 }),
      abortMs: fc.option(fc.integer({ min: 0, max: 900 }), { freq: 4, nil: undefined }),
      blockMs: fc.option(fc.integer({ min: 1, max: 3000 }), { freq: 8, nil: undefined }),
      passMs: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 200 })),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { gate, gcra, blocks, concurrency, clock } = make()
        const limit = { requests: 20, perMs: 1000, burst: 5 }
        const passedAt: { at: number; cost: number }[] = []
        const settledCalls = new Set<number>()
        let inFlight = 0
        const run = async (index: number, each: (typeof steps)[number]) => {
          const controller = new AbortController()
          const pass: Pass = {
            tenant: each.tenant,
            maxWaitMs: each.maxWaitMs,
            signal: controller.signal,
            barriers: [
              gcra.barrier('app', limit, each.cost),
              gcra.barrier(each.connection, { requests: 8, perMs: 1000 }),
              blocks.barrier(each.connection),
              ...(each.capped ? [concurrency.barrier('app', 2)] : []),
            ],
          }
          if (each.abortMs !== undefined) {
            clock.schedule(each.abortMs, () => {
              controller.abort()
            })
          }
          const started = clock.monotonic()
          try {
            await gate.enter(pass)
          } catch {
            expect(clock.monotonic() - started).toBeLessThanOrEqual(each.maxWaitMs + 1)
            settledCalls.add(index)
            return
          }
          passedAt.push({ at: clock.monotonic(), cost: each.cost })
          if (each.capped) inFlight += 1
          expect(inFlight).toBeLessThanOrEqual(2)
          clock.schedule(each.holdMs, () => {
            if (each.capped) inFlight -= 1
            gate.leave(pass)
            settledCalls.add(index)
          })
        }
        const running: Promise<void>[] = []
        for (const [index, each] of steps.entries()) {
          if (each.blockMs !== undefined) blocks.block(each.connection, clock.monotonic() + each.blockMs)
          running.push(run(index, each))
          await settled()
          await clock.advance(each.passMs)
        }
        await clock.advance(400_000)
        await Promise.all(running)
        expect(settledCalls.size).toBe(steps.length)
        expect([clock.timers, gate.size, concurrency.inFlight('app')]).toEqual([0, 0, 0])
        for (const [first, { at: from }] of passedAt.entries()) {
          let sum = 0
          for (const { at, cost } of passedAt.slice(first)) {
            sum += cost
            expect(sum).toBeLessThanOrEqual(5 + ((at - from) * 20) / 1000 + 0.001)
          }
        }
      }),
      { numRuns: 60 },
    )
  })
})

import { describe, expect, it } from 'vitest'
import { Blocks } from '../../src/resilience/blocks.ts'
import { TestClock } from './test-clock.ts'

const make = () => {
  const clock = new TestClock()
  return { clock, blocks: new Blocks({ clock }) }
}

describe('Blocks', () => {
  it('blocks a scope until its time, and no other scope', async () => {
    const { blocks, clock } = make()
    blocks.block('slack/acme', clock.monotonic() + 3000)
    expect(blocks.waitFor('slack/acme', clock.monotonic())).toBe(3000)
    expect(blocks.waitFor('slack/other', clock.monotonic())).toBe(0)
    await clock.advance(2999)
    expect(blocks.waitFor('slack/acme', clock.monotonic())).toBe(1)
    await clock.advance(1)
    expect(blocks.waitFor('slack/acme', clock.monotonic())).toBe(0)
  })

  it('applies the longest of several blocks, in any order', () => {
    const { blocks, clock } = make()
    const now = clock.monotonic()
    blocks.block('key', now + 5000)
    blocks.block('key', now + 1000)
    expect(blocks.waitFor('key', now)).toBe(5000)
    blocks.block('key', now + 9000)
    expect(blocks.waitFor('key', now)).toBe(9000)
  })

  it('ignores a block that is over', () => {
    const { blocks, clock } = make()
    blocks.block('key', clock.monotonic())
    blocks.block('key', clock.monotonic() - 5)
    expect(blocks.size).toBe(0)
  })

  it('is empty again after a read of an expired block', async () => {
    const { blocks, clock } = make()
    blocks.block('key', clock.monotonic() + 10)
    expect(blocks.size).toBe(1)
    await clock.advance(60_010)
    blocks.waitFor('key', clock.monotonic())
    expect(blocks.size).toBe(0)
  })

  it('deletes unread expired blocks, too, without a timer', async () => {
    const { blocks, clock } = make()
    for (let index = 0; index < 5000; index += 1) {
      blocks.block(`connection ${index}`, clock.monotonic() + 100)
      await clock.advance(600)
    }
    expect(blocks.size).toBeLessThan(400)
    expect(clock.timers).toBe(0)
  })
})

describe('slow start', () => {
  /** Blocks for a second, and returns a function that sends what may be sent now. */
  async function afterBlock(options: { readonly startsSlowly?: boolean } = {}) {
    const clock = new TestClock()
    const blocks = new Blocks({ clock, ...options })
    const inFlight: ((isServed: boolean) => void)[] = []
    const block = async () => {
      blocks.block('key', clock.monotonic() + 1000)
      for (const end of inFlight.splice(0)) end(false)
      await clock.advance(1000)
    }
    /** Sends up to `max` requests, and returns how many of them did not have to wait. */
    const send = (max = 1000): number => {
      const before = inFlight.length
      while (inFlight.length - before < max && blocks.waitFor('key', clock.monotonic()) === 0) {
        const end = blocks.enter('key', clock.monotonic())
        inFlight.push(end ?? (() => undefined))
      }
      return inFlight.length - before
    }
    const serve = () => {
      for (const end of inFlight.splice(0)) end(true)
    }
    /** Sends and serves for some round trips, and returns how many requests each had. */
    const roundTrips = (count: number): number[] =>
      Array.from({ length: count }, () => {
        const sent = send()
        serve()
        return sent
      })
    await block()
    return { blocks, clock, block, send, serve, roundTrips }
  }

  it('sends one request, then slowly more, if nothing is known about the limit', async () => {
    const { roundTrips } = await afterBlock()
    expect(roundTrips(18)).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5])
  })

  it('doubles with each round trip up to the number that the provider served before, and sends one more alone', async () => {
    const { roundTrips, block } = await afterBlock()
    const served = roundTrips(18).reduce((sum, each) => sum + each, 0)
    await block()
    expect(served).toBe(38)
    expect(roundTrips(8)).toEqual([1, 2, 4, 8, 16, 7, 1, 1])
  })

  it('does not count a request that the provider refused', async () => {
    const { send, serve, block, roundTrips } = await afterBlock()
    send()
    serve()
    send()
    await block()
    expect(roundTrips(3)).toEqual([1, 1, 1])
  })

  it('keeps what it knows if the first request after a block is refused', async () => {
    const { send, block, roundTrips } = await afterBlock()
    roundTrips(18)
    await block()
    send(1)
    await block()
    expect(roundTrips(6)).toEqual([1, 2, 4, 8, 16, 7])
  })

  it('does not let slow responses hold requests back for long', async () => {
    const { send, clock, blocks } = await afterBlock()
    expect(send()).toBe(1)
    expect(blocks.waitFor('key', clock.monotonic())).toBe(100)
    await clock.advance(100)
    expect(send()).toBe(1)
    await clock.advance(100)
    expect(send()).toBe(1)
  })

  it('ends a minute after the block', async () => {
    const { send, clock } = await afterBlock()
    await clock.advance(59_999)
    expect(send(50)).toBe(1)
    await clock.advance(1)
    expect(send(50)).toBe(50)
  })

  it('concerns no other scope', async () => {
    const { blocks, clock, send } = await afterBlock()
    send()
    expect(blocks.waitFor('other', clock.monotonic())).toBe(0)
  })

  it('does not happen where calls fail instead of waiting', async () => {
    const { send } = await afterBlock({ startsSlowly: false })
    expect(send(50)).toBe(50)
  })
})

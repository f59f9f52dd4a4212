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
    await clock.advance(10)
    blocks.waitFor('key', clock.monotonic())
    expect(blocks.size).toBe(0)
  })

  it('deletes unread expired blocks, too, without a timer', async () => {
    const { blocks, clock } = make()
    for (let index = 0; index < 5000; index += 1) {
      blocks.block(`connection ${index}`, clock.monotonic() + 100)
      await clock.advance(1)
    }
    expect(blocks.size).toBeLessThan(400)
    expect(clock.timers).toBe(0)
  })
})

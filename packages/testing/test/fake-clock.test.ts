import { describe, expect, it } from 'vitest'
import { sleep } from '@mcpclient/core'
import { createFakeClock } from '@mcpclient/testing'

describe('time', () => {
  it('stands still until it is advanced, on both clocks', async () => {
    const clock = createFakeClock({ nowMs: 1_000_000 })
    expect([clock.now(), clock.monotonic()]).toEqual([1_000_000, 0])
    await clock.advance(250)
    expect([clock.now(), clock.monotonic()]).toEqual([1_000_250, 250])
  })

  it('a jump of the wall clock affects neither timers nor the monotonic clock', async () => {
    const clock = createFakeClock({ nowMs: 1000 })
    const ran: number[] = []
    clock.schedule(100, () => ran.push(clock.monotonic()))
    clock.setWallClock(500_000)
    expect([clock.now(), clock.monotonic(), ran]).toEqual([500_000, 0, []])
    await clock.advance(100)
    expect([clock.now(), ran]).toEqual([500_100, [100]])
  })

  it('does not go back', async () => {
    await expect(createFakeClock().advance(-1)).rejects.toThrow('Time passes forwards')
  })
})

describe('timers', () => {
  it('run in the order in which they are due, then in the order in which they were set', async () => {
    const clock = createFakeClock()
    const ran: string[] = []
    const note = (name: string) => () => ran.push(`${name} at ${clock.monotonic()}`)
    clock.schedule(30, note('c'))
    clock.schedule(10, note('a'))
    clock.schedule(10, note('b'))
    clock.schedule(31, note('d'))
    await clock.advance(30)
    expect(ran).toEqual(['a at 10', 'b at 10', 'c at 30'])
    expect(clock.pending).toBe(1)
  })

  it('do not run once cancelled, even by the timer before', async () => {
    const clock = createFakeClock()
    const ran: string[] = []
    const cancelEarly = clock.schedule(10, () => ran.push('early'))
    cancelEarly()
    clock.schedule(20, () => {
      cancelLate()
      ran.push('first')
    })
    const cancelLate = clock.schedule(20, () => ran.push('second'))
    await clock.advance(100)
    expect(ran).toEqual(['first'])
    expect(clock.pending).toBe(0)
  })

  it('throw their errors from advance', async () => {
    const clock = createFakeClock()
    clock.schedule(1, () => {
      throw new Error('in the timer')
    })
    await expect(clock.advance(1)).rejects.toThrow('in the timer')
    await clock.advance(1)
    expect(clock.monotonic()).toBe(2)
  })

  it('throw if one sets itself again without delay, instead of hanging', async () => {
    const clock = createFakeClock()
    const again = (): void => {
      clock.schedule(0, again)
    }
    again()
    await expect(clock.advance(1000)).rejects.toThrow('no time passed')
  })

  it('may be set many times in a row while time passes', async () => {
    const clock = createFakeClock()
    let beats = 0
    const beat = (): void => {
      beats++
      clock.schedule(1, beat)
    }
    clock.schedule(1, beat)
    await clock.advance(20_000)
    expect(beats).toBe(20_000)
  })
})

describe('promises', () => {
  it('settle within one advance for a loop of five sleeps', async () => {
    const clock = createFakeClock()
    const wokeAt: number[] = []
    const retrying = (async () => {
      for (let attempt = 1; attempt <= 5; attempt++) {
        await sleep(clock, attempt * 100)
        await Promise.resolve().then(() => Promise.resolve())
        wokeAt.push(clock.monotonic())
      }
      return 'done'
    })()
    await clock.advance(1500)
    expect(wokeAt).toEqual([100, 300, 600, 1000, 1500])
    expect(clock.pending).toBe(0)
    await expect(retrying).resolves.toBe('done')
  })

  it('before a sleep are awaited by an advance that was called earlier', async () => {
    const clock = createFakeClock()
    let isDone = false
    const work = (async () => {
      for (let turn = 0; turn < 100; turn++) await Promise.resolve()
      await sleep(clock, 10)
      isDone = true
    })()
    await clock.advance(10)
    expect(isDone).toBe(true)
    await work
  })

  it('settle one after another for overlapping advances', async () => {
    const clock = createFakeClock()
    const ran: number[] = []
    for (const delay of [5, 15, 25]) clock.schedule(delay, () => ran.push(clock.monotonic()))
    await Promise.all([clock.advance(10), clock.advance(10), clock.advance(10)])
    expect(ran).toEqual([5, 15, 25])
    expect(clock.monotonic()).toBe(30)
  })

  it('leave no timer behind for an aborted sleep', async () => {
    const clock = createFakeClock()
    const controller = new AbortController()
    const sleeping = sleep(clock, 1000, controller.signal)
    expect(clock.pending).toBe(1)
    controller.abort(new Error('enough'))
    await expect(sleeping).rejects.toThrow('enough')
    expect(clock.pending).toBe(0)
  })
})

describe('until', () => {
  it('advances time until the promise settles, and no further', async () => {
    const clock = createFakeClock()
    clock.schedule(90_000, () => {
      throw new Error('nobody should wait this long')
    })
    const work = (async () => {
      for (let attempt = 0; attempt < 10; attempt++) await sleep(clock, 1000)
      return 'done'
    })()
    await expect(clock.until(work)).resolves.toBe('done')
    expect(clock.monotonic()).toBe(10_000)
  })

  it('rejects as the promise does', async () => {
    const clock = createFakeClock()
    const work = sleep(clock, 10).then(() => {
      throw new Error('at last')
    })
    await expect(clock.until(work)).rejects.toThrow('at last')
  })

  it('waits for a chain of WebCrypto operations before it runs a timer', async () => {
    const clock = createFakeClock()
    clock.schedule(1000, () => {})
    const work = (async () => {
      let bytes = new Uint8Array(4_000_000)
      for (let round = 0; round < 3; round++) bytes = new Uint8Array(await crypto.subtle.digest('SHA-512', bytes))
      return [bytes.length, clock.now()]
    })()
    expect(await clock.until(work)).toEqual([64, Date.UTC(2026, 0, 1)])
    await expect(clock.until(crypto.subtle.digest('none', new Uint8Array()))).rejects.toThrow()
    expect(clock.pending).toBe(1)
  })

  it('waits for a promise that needs no timer', async () => {
    const clock = createFakeClock()
    const digest = globalThis.crypto.subtle.digest('SHA-256', new Uint8Array(8))
    expect((await clock.until(digest)).byteLength).toBe(32)
    expect(clock.monotonic()).toBe(0)
  })
})

import { expect } from 'vitest'

/** Polls a value until it is as expected. The limit allows for a busy machine that starts a process. */
export function expectSoon<Value>(read: () => Value): ReturnType<typeof expect.poll<Value>> {
  return expect.poll(read, { timeout: 20_000, interval: 20 })
}

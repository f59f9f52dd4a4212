import { expect } from 'vitest'

/** Polls a value until it is as expected. The limit is for a busy machine that starts a process, not for the code. */
export const expectSoon = <Value>(read: () => Value) => expect.poll(read, { timeout: 20_000, interval: 20 })

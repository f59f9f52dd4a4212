import { expect, it } from 'vitest'
import { untilAborted } from '../../src/ports/until-aborted.ts'

const pending = new Promise<never>(() => undefined)

it('settles as the promise does', async () => {
  const { signal } = new AbortController()
  expect(await untilAborted(Promise.resolve(1), signal)).toBe(1)
  expect(await untilAborted(Promise.resolve(1), undefined)).toBe(1)
  await expect(untilAborted(Promise.reject(new Error('broken')), signal)).rejects.toThrow('broken')
})

it("rejects with the signal's reason while the promise is pending", async () => {
  const controller = new AbortController()
  const waiting = untilAborted(pending, controller.signal)
  controller.abort(new Error('too late'))
  await expect(waiting).rejects.toThrow('too late')
})

it('rejects at once if the signal has aborted, and handles a later rejection of the promise', async () => {
  const later = Promise.withResolvers<never>()
  await expect(untilAborted(later.promise, AbortSignal.abort(new Error('aborted')))).rejects.toThrow('aborted')
  later.reject(new Error('nobody hears of it'))
  await expect(later.promise).rejects.toThrow('nobody hears of it')
})

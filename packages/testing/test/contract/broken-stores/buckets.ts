import { broken, later } from './broken-store.ts'
import type { BrokenStore } from './broken-store.ts'

export const buckets: readonly BrokenStore[] = [
  broken(
    'counts the bucket in two steps',
    'take hands out a full bucket, and not one more, however many ask at once',
    () => {
      const taken = new Map<string, number>()
      return {
        async take(key, { capacity, perMs, cost }) {
          const before = taken.get(key) ?? 0
          await later()
          if (before + cost > capacity) return { ok: false, waitMs: perMs }
          taken.set(key, before + cost)
          return { ok: true, waitMs: 0 }
        },
      }
    },
  ),
  broken('takes one, whatever the cost', 'take counts the cost', ({ take }) => ({
    take: (key, bucket) => take(key, { ...bucket, cost: 1 }),
  })),
  broken(
    'keeps buckets among the values',
    'each key has a bucket of its own, apart from the values',
    ({ take, put }) => ({
      async take(key, bucket) {
        await put(key, 'bucket')
        return take(key, bucket)
      },
    }),
  ),
  broken(
    'refills the whole bucket too early',
    'a bucket refills with time, never above its capacity, and waitMs keeps its word',
    ({ take }) => ({ take: (key, bucket) => take(key, { ...bucket, perMs: bucket.perMs / 4 }) }),
  ),
  broken(
    'refills too slowly',
    'a bucket refills with time, never above its capacity, and waitMs keeps its word',
    ({ take }) => ({ take: (key, bucket) => take(key, { ...bucket, perMs: bucket.perMs * 1.5 }) }),
  ),
  broken(
    'saves up more than the bucket holds',
    'a bucket refills with time, never above its capacity, and waitMs keeps its word',
    (_good, clock) => {
      const spent = new Map<string, { readonly since: number; readonly cost: number }>()
      return {
        async take(key, { capacity, perMs, cost }) {
          const before = spent.get(key) ?? { since: clock.monotonic(), cost: 0 }
          const refilled = ((clock.monotonic() - before.since) * capacity) / perMs
          const missing = before.cost + cost - refilled - capacity
          if (missing > 0) return { ok: false, waitMs: Math.ceil((missing * perMs) / capacity) }
          spent.set(key, { ...before, cost: before.cost + cost })
          return { ok: true, waitMs: 0 }
        },
      }
    },
  ),
  broken(
    'says to wait too short',
    'a bucket refills with time, never above its capacity, and waitMs keeps its word',
    ({ take }) => ({
      async take(key, bucket) {
        const { ok, waitMs } = await take(key, bucket)
        return { ok, waitMs: Math.floor(waitMs / 2) }
      },
    }),
  ),
  broken('keeps a bucket under any key', 'take refuses what cannot be a key', ({ take }) => ({
    take: (key, bucket) => take(encodeURIComponent(key).slice(0, 512) || 'empty', bucket),
  })),
]

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

import type { SyncKeys } from './keys.ts'
import type { Fields } from './remote.ts'

/** One keyed digest a field. A set has one an element, sorted and joined. */
export type Images = Readonly<Record<string, string>>

/** 80 bits: two values of one field look alike once in 10^24 comparisons. */
const DIGITS = 20

/** Returns the digests of the fields that are known. */
export async function imagesOf(
  keys: SyncKeys,
  item: Fields,
  fields: readonly string[],
  sets: ReadonlySet<string>,
): Promise<Images> {
  const known = fields.filter((field) => item[field] !== undefined)
  const digests = await Promise.all(known.map((field) => imageOf(keys, field, item[field], sets.has(field))))
  return Object.fromEntries(known.map((field, at) => [field, digests[at] ?? '']))
}

async function imageOf(keys: SyncKeys, field: string, value: unknown, isSet: boolean): Promise<string> {
  if (!isSet || !Array.isArray(value)) return fieldDigest(keys, field, value)
  const elements = await Promise.all(value.map((element: unknown) => fieldDigest(keys, field, element)))
  return [...new Set(elements)].toSorted().join(',')
}

/** Returns the elements of a set by their digests. */
export async function elementsOf(keys: SyncKeys, field: string, value: unknown): Promise<ReadonlyMap<string, unknown>> {
  const elements: readonly unknown[] = Array.isArray(value) ? value : []
  const digests = await Promise.all(elements.map((element) => fieldDigest(keys, field, element)))
  return new Map(digests.map((digest, at) => [digest, elements[at]]))
}

const fieldDigest = async (keys: SyncKeys, field: string, value: unknown): Promise<string> =>
  (await keys.digest(`field ${field}`, canonical(value))).slice(0, DIGITS)

/** Returns JSON with the properties of every object in one order. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'object' && each !== null && !Array.isArray(each)
      ? Object.fromEntries(Object.entries(each).toSorted(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  ) ?? 'null'

/** Returns whether one of the known fields differs from its image. */
export const differs = (now: Images, was: Images, except: ReadonlySet<string> = new Set()): boolean =>
  Object.entries(now).some(([field, digest]) => digest !== was[field] && !except.has(field))

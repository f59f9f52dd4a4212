import { listAll } from '@mcpclient/core'
import { hasOnlyKeys } from './creates-under-way.ts'
import type { Images } from './images.ts'
import type { Fields, RemoteRecord } from './remote.ts'
import { images } from './run.ts'
import type { RepeatedCreate, Run } from './run.ts'

/** No page is expected to be older. */
const MAX_PAGE_AGE_MS = 24 * 60 * 60 * 1000

/**
 * Notes that a create was repeated with its idempotency key. A provider that has forgotten the key, because the record of an
 * earlier try was removed, has created another one. An old page may still show the first one, whose id is not known. Precedes
 * the write that finishes the create, so a run that finds no open create finds this note.
 * @param marker of the life of the pair
 */
export async function noteRepeated(run: Run, marker: string, sent: Fields, returned: Fields): Promise<void> {
  if (!hasOnlyKeys(run)) return
  const { store, prefix } = run.options
  const noted: RepeatedCreate = { at: run.now(), images: [await filled(run, sent), await filled(run, returned)] }
  await store.put(`${prefix}/e/${marker}`, JSON.stringify(noted), { ttlMs: run.settleMs + MAX_PAGE_AGE_MS })
  run.repeated = undefined
}

/**
 * Returns when the last create was repeated that has a value of a new record. An earlier try may have created the record, and
 * a user may have edited and removed it since.
 */
export async function repeatedAt(run: Run, { item }: RemoteRecord): Promise<number | undefined> {
  if (!hasOnlyKeys(run)) return undefined
  run.repeated ??= await repeatedCreates(run)
  if (run.repeated.length === 0) return undefined
  const found = await filled(run, item)
  const isLike = (image: Images): boolean => Object.entries(image).some(([field, digest]) => found[field] === digest)
  const times = run.repeated.filter((noted) => noted.images.some(isLike)).map(({ at }) => at)
  return times.length === 0 ? undefined : Math.max(...times)
}

async function repeatedCreates({ options: { store, prefix } }: Run): Promise<readonly RepeatedCreate[]> {
  const noted: RepeatedCreate[] = []
  for await (const { value } of listAll(store, `${prefix}/e/`)) noted.push(JSON.parse(value) as RepeatedCreate)
  return noted
}

/** Returns the images of the fields that have a value. */
const filled = (run: Run, item: Fields): Promise<Images> =>
  images(run, Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null)))

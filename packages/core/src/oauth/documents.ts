import type { DocumentCache, FlowContext } from '../auth/grant-flow.ts'

const MAX_DOCUMENTS = 1000
/** Lifetime of a missing document. It is short, because the server may have failed only for a moment. */
const ABSENT_LIFE_MS = 60_000

/** Loads in flight, so that concurrent logins fetch a document once. */
const loads = new WeakMap<DocumentCache, Map<string, Promise<unknown>>>()

/**
 * Returns a cached document, or fetches it. Concurrent callers share one fetch.
 * @param key the kind and the URL: `metadata https://...`
 * @param options.fresh fetch even if it is cached
 */
export async function documentAt<Document>(
  { documents, clock }: FlowContext,
  key: string,
  options: { readonly lifeMs: number; readonly fresh?: boolean | undefined },
  load: () => Promise<Document>,
): Promise<Document> {
  const known = documents.get(key)
  if (known !== undefined && options.fresh !== true && clock.monotonic() < known.until)
    return known.document as Document
  const document = await singleFlight(documents, key, load)
  documents.delete(key)
  const lifeMs = document === undefined ? Math.min(options.lifeMs, ABSENT_LIFE_MS) : options.lifeMs
  documents.set(key, { document, until: clock.monotonic() + lifeMs })
  for (const old of documents.keys()) {
    if (documents.size <= MAX_DOCUMENTS) break
    documents.delete(old)
  }
  return document
}

async function singleFlight<Document>(
  documents: DocumentCache,
  key: string,
  load: () => Promise<Document>,
): Promise<Document> {
  const running = loads.get(documents) ?? new Map<string, Promise<unknown>>()
  loads.set(documents, running)
  const joined = running.get(key)
  if (joined !== undefined) {
    try {
      return (await joined) as Document
    } catch {
      // The other caller may have been cancelled, so its failure is not this one's.
      return load()
    }
  }
  const loading = load()
  running.set(key, loading)
  try {
    return await loading
  } finally {
    running.delete(key)
  }
}

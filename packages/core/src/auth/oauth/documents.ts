import type { FlowContext } from '../grant-flow.ts'

const MOST_DOCUMENTS = 1000
/** What is not there may be there in a moment: the server, or somebody in between, may just have had a bad one. */
const ABSENT_LIFE_MS = 60_000

/**
 * A document that seldom changes, fetched when it is not at hand.
 * @param key what it is and where: `metadata https://...`
 * @param options.fresh even if one is at hand
 */
export async function documentAt<Document>(
  { documents, clock }: FlowContext,
  key: string,
  options: { readonly lifeMs: number; readonly fresh?: boolean | undefined },
  load: () => Promise<Document>,
): Promise<Document> {
  const known = documents.get(key)
  if (known !== undefined && options.fresh !== true && clock.now() < known.until) return known.document as Document
  const document = await load()
  documents.delete(key)
  const lifeMs = document === undefined ? Math.min(options.lifeMs, ABSENT_LIFE_MS) : options.lifeMs
  documents.set(key, { document, until: clock.now() + lifeMs })
  for (const old of documents.keys()) {
    if (documents.size <= MOST_DOCUMENTS) break
    documents.delete(old)
  }
  return document
}

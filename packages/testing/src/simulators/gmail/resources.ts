import { invalid } from './failure.ts'
import { stateAt } from './mailbox.ts'
import type { HistoryEntry, StoredMessage } from './mailbox.ts'

/** A message in Gmail's form. */
export type SimulatedMessage = Readonly<Record<string, unknown>> & { readonly id: string; readonly threadId: string }

/** Gmail leaves an empty list of labels out. */
const labelled = (labelIds: readonly string[] = []) => (labelIds.length === 0 ? {} : { labelIds })

/** Returns the form in which writes return a message: its ids and its labels. */
export const writtenMessage = (message: StoredMessage): SimulatedMessage => ({
  id: message.id,
  threadId: message.threadId,
  ...labelled(message.states.at(-1)?.labelIds),
})

/** Returns a message as it was at a time, in the format that the parameters ask for. Undefined: there is none. */
export function messageResource(
  message: StoredMessage,
  time: number,
  parameters: URLSearchParams,
): SimulatedMessage | undefined {
  const state = stateAt(message, time)
  if (state === undefined) return undefined
  const format = parameters.get('format') ?? 'full'
  const { id, threadId, snippet, size, internalDate, payload } = message
  const common = {
    id,
    threadId,
    ...labelled(state.labelIds),
    snippet,
    historyId: String(state.historyId),
    internalDate: String(internalDate),
    sizeEstimate: size,
  }
  if (format === 'minimal') return common
  if (format === 'full') return { ...common, payload }
  if (format !== 'metadata') throw invalid(`Invalid value for format: ${format}`)
  const names = parameters.getAll('metadataHeaders').map((name) => name.toLowerCase())
  const headers = payload.headers.filter(({ name }) => names.length === 0 || names.includes(name.toLowerCase()))
  return { ...common, payload: { mimeType: payload.mimeType, headers } }
}

/** Returns a record of the history. */
export function historyResource({ id, kind, message, labelIds }: HistoryEntry) {
  const ref = { id: message.id, threadId: message.threadId }
  const shown = { ...ref, ...labelled(message.states.find(({ historyId }) => historyId === id)?.labelIds) }
  return {
    id: String(id),
    messages: [ref],
    [kind]: [{ message: shown, ...(labelIds.length > 0 && { labelIds }) }],
  }
}

/** Returns the filter of `q`, `labelIds` and `includeSpamTrash`. Of `q` it knows words and `in:`, `from:`, `is:unread`. */
export function filterOf(parameters: URLSearchParams, time: number): (message: StoredMessage) => boolean {
  const labels = parameters.getAll('labelIds')
  const terms = (parameters.get('q') ?? '').toLowerCase().split(/\s+/).filter(Boolean)
  const withHidden = parameters.get('includeSpamTrash') === 'true'
  return (message) => {
    const has = stateAt(message, time)?.labelIds
    if (has === undefined) return false
    if (
      !withHidden &&
      (has.includes('TRASH') || has.includes('SPAM')) &&
      !labels.some((label) => has.includes(label))
    ) {
      return false
    }
    return labels.every((label) => has.includes(label)) && terms.every((term) => isMatch(message, has, term))
  }
}

function isMatch(message: StoredMessage, labelIds: readonly string[], term: string): boolean {
  const [, key, value = ''] = /^(in|is|from):(.+)$/.exec(term) ?? []
  if (key === 'in' || key === 'is') return labelIds.includes(value.toUpperCase())
  const header = (name: string) =>
    message.payload.headers.find((each) => each.name.toLowerCase() === name)?.value.toLowerCase() ?? ''
  if (key === 'from') return header('from').includes(value)
  return [header('subject'), header('from'), header('to'), message.snippet.toLowerCase()].join('\n').includes(term)
}

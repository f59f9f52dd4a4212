import type { Tokens } from '../google-calendar/tokens.ts'
import { GmailFailure, invalid } from './failure.ts'
import { stateAt } from './mailbox.ts'
import type { Mailbox, StoredMessage } from './mailbox.ts'
import { filterOf, historyResource } from './resources.ts'

/** The place of a page: what comes after a position. */
export interface GmailPlace {
  readonly after: number
}

export interface ListsContext {
  readonly mailbox: Mailbox
  readonly pages: Tokens<GmailPlace>
  /** Returns the time whose state a read shows. */
  readonly readTime: () => number
  /** Returns the oldest history id that is still known. */
  readonly oldest: () => number
  readonly isRepeated: () => boolean
  readonly isEmptied: () => boolean
}

const MAX_PAGE_SIZE = 500

interface Page<Item> {
  readonly items: readonly Item[]
  readonly nextPageToken?: string
}

/** Creates the lists of a mailbox. */
export function createLists(context: ListsContext) {
  const { mailbox, pages, readTime } = context

  /** Returns a page of sorted items. A fault may begin it with items of the page before, or leave it empty. */
  function pageOf<Item>(
    parameters: URLSearchParams,
    all: readonly Item[],
    positionOf: (item: Item) => number,
  ): Page<Item> {
    const token = parameters.get('pageToken')
    const place = token === null ? { after: Number.NEGATIVE_INFINITY } : pages.read(token)
    if (place === undefined) throw invalid('Invalid pageToken')
    const size = sizeOf(parameters)
    const first = all.findIndex((item) => positionOf(item) > place.after)
    if (first === -1) return { items: [] }
    if (context.isEmptied()) return { items: [], nextPageToken: pages.issue(place) }
    const from = context.isRepeated() ? Math.max(0, first - size) : first
    const items = all.slice(from, first + size)
    const last = items.at(-1)
    if (first + size >= all.length || last === undefined) return { items }
    return { items, nextPageToken: pages.issue({ after: positionOf(last) }) }
  }
  const tokenOf = ({ nextPageToken }: Page<unknown>) => (nextPageToken === undefined ? {} : { nextPageToken })
  /** Returns the messages of a list, the newest first. */
  const listed = (parameters: URLSearchParams): readonly StoredMessage[] =>
    [...mailbox.messages.values()].filter(filterOf(parameters, readTime())).toReversed()

  return {
    messages(parameters: URLSearchParams) {
      const all = listed(parameters)
      const page = pageOf(parameters, all, ({ position }) => -position)
      const messages = page.items.map(({ id, threadId }) => ({ id, threadId }))
      return { ...(messages.length > 0 && { messages }), ...tokenOf(page), resultSizeEstimate: all.length }
    },
    threads(parameters: URLSearchParams) {
      const newest = new Map<string, StoredMessage>()
      for (const message of listed(parameters)) if (!newest.has(message.threadId)) newest.set(message.threadId, message)
      const page = pageOf(parameters, [...newest.values()], ({ position }) => -position)
      const threads = page.items.map(({ threadId: id, snippet, states }) => ({
        id,
        snippet,
        historyId: String(states.at(-1)?.historyId),
      }))
      return { ...(threads.length > 0 && { threads }), ...tokenOf(page), resultSizeEstimate: newest.size }
    },
    drafts(parameters: URLSearchParams) {
      const time = readTime()
      const all = [...mailbox.drafts].flatMap(([id, messageId]) => {
        const message = mailbox.messages.get(messageId)
        return message === undefined || stateAt(message, time) === undefined ? [] : [{ id, message }]
      })
      const page = pageOf(parameters, all, ({ message }) => message.position)
      const drafts = page.items.map(({ id, message }) => ({
        id,
        message: { id: message.id, threadId: message.threadId },
      }))
      return { ...(drafts.length > 0 && { drafts }), ...tokenOf(page), resultSizeEstimate: all.length }
    },
    history(parameters: URLSearchParams) {
      const start = Number(parameters.get('startHistoryId') ?? Number.NaN)
      if (!Number.isInteger(start)) throw invalid('Invalid startHistoryId')
      if (start < context.oldest()) throw new GmailFailure('notFound')
      const time = readTime()
      const kinds = parameters.getAll('historyTypes')
      const label = parameters.get('labelId')
      const { history } = mailbox
      const all = history
        .slice(firstAfter(history, start))
        .filter(
          ({ at, kind, message, labelIds }) =>
            at <= time &&
            (kinds.length === 0 || kinds.includes(HISTORY_TYPES[kind])) &&
            (label === null || labelIds.includes(label) || message.states.at(-1)?.labelIds.includes(label) === true),
        )
      const page = pageOf(parameters, all, ({ id }) => id)
      return {
        ...(page.items.length > 0 && { history: page.items.map(historyResource) }),
        ...tokenOf(page),
        historyId: String(mailbox.historyIdAt(time)),
      }
    },
  }
}

const HISTORY_TYPES = {
  messagesAdded: 'messageAdded',
  messagesDeleted: 'messageDeleted',
  labelsAdded: 'labelAdded',
  labelsRemoved: 'labelRemoved',
} as const

/** Returns the index of the first entry after an id. */
function firstAfter(history: Mailbox['history'], id: number): number {
  let [low, high] = [0, history.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((history[middle]?.id ?? 0) > id) high = middle
    else low = middle + 1
  }
  return low
}

function sizeOf(parameters: URLSearchParams): number {
  const value = Number(parameters.get('maxResults') ?? 100)
  if (!Number.isInteger(value) || value < 1) throw invalid('Invalid maxResults')
  return Math.min(value, MAX_PAGE_SIZE)
}

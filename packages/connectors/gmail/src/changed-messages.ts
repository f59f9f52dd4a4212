import { get, send, sendAll } from '@mcpclient/core/define'
import type { Run, SyncPage, SyncPlace } from '@mcpclient/core/define'
import * as z from 'zod'
import { costs } from './costs.ts'
import { getMessage, getProfile } from './requests.ts'
import type { Format } from './requests.ts'

/** Messages in one page. Each of them is read on its own, so a smaller page loses less if it fails. */
const PAGE_SIZE = 100
const CONCURRENCY = 8

const Ref = z.object({ id: z.string().min(1) })
const Changes = z.array(z.object({ message: Ref })).default([])
const Profile = z.object({ historyId: z.string().min(1) })
const MessageList = z.object({ messages: z.array(Ref).default([]), nextPageToken: z.string().min(1).optional() })
const HistoryList = z.object({
  history: z
    .array(z.object({ messagesAdded: Changes, messagesDeleted: Changes, labelsAdded: Changes, labelsRemoved: Changes }))
    .default([]),
  historyId: z.string().min(1),
  nextPageToken: z.string().min(1).optional(),
})
/** A message as Gmail returns it. The schema of the reader decides what is read. */
const Raw = z.looseObject({ id: z.string() })

/** Pulls a page of all messages, or of those that changed since a history id. */
export const changedMessages = (place: SyncPlace<{ readonly format: Format }>): Run<SyncPage> =>
  place.since === undefined ? everyMessage(place) : history(place, place.since)

/** Lists every message. The first history id is read before the first page: a change while the pages are read comes after it. */
function* everyMessage({ params, page }: SyncPlace<{ readonly format: Format }>): Run<SyncPage> {
  const checkpoint = page === undefined ? (yield* send(getProfile, Profile)).historyId : undefined
  const query = { maxResults: PAGE_SIZE, includeSpamTrash: true, pageToken: page }
  const list = yield* send(get('users/me/messages', query, costs.listMessages), MessageList)
  const read = yield* readMessages(
    list.messages.map(({ id }) => id),
    params.format,
  )
  return { ...read, page: list.nextPageToken, checkpoint }
}

function* history({ params, page }: SyncPlace<{ readonly format: Format }>, since: string): Run<SyncPage> {
  const query = { startHistoryId: since, maxResults: PAGE_SIZE, pageToken: page }
  const list = yield* send(get('users/me/history', query, costs.listHistory), HistoryList)
  const deleted = new Set(
    list.history.flatMap(({ messagesDeleted }) => messagesDeleted.map(({ message }) => message.id)),
  )
  const changed = list.history.flatMap(({ messagesAdded, labelsAdded, labelsRemoved }) =>
    [...messagesAdded, ...labelsAdded, ...labelsRemoved].map(({ message }) => message.id),
  )
  const read = yield* readMessages(
    [...new Set(changed)].filter((id) => !deleted.has(id)),
    params.format,
  )
  return { ...read, removed: [...deleted, ...read.removed], page: list.nextPageToken, checkpoint: list.historyId }
}

interface Read {
  readonly changed: readonly Record<string, unknown>[]
  readonly removed: readonly string[]
}

/** Reads messages one by one. One that was deleted after it was listed is removed. */
export function* readMessages(ids: readonly string[], format: Format): Run<Read> {
  const requests = ids.map((id) => getMessage(id, format))
  const results = yield* sendAll(requests, Raw, { concurrency: CONCURRENCY, settle: true })
  const failure = results.find(({ error }) => error !== undefined && error.details.providerCode !== 'notFound')?.error
  if (failure !== undefined) throw failure
  return {
    changed: results.flatMap(({ value }) => (value === undefined ? [] : [value])),
    removed: ids.filter((_, at) => results[at]?.error !== undefined),
  }
}

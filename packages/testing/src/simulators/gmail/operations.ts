import { GmailFailure, invalid } from './failure.ts'
import type { createLists } from './lists.ts'
import { stateAt } from './mailbox.ts'
import type { Mailbox, StoredMessage } from './mailbox.ts'
import type { createNotifications } from './notifications.ts'
import { base64Url, fromBase64Url } from './payload.ts'
import { messageResource, writtenMessage } from './resources.ts'
import type { GmailCall, SimulatedGmailOperation } from './routes.ts'

export interface GmailOperationsContext {
  readonly user: string
  readonly mailbox: Mailbox
  readonly lists: ReturnType<typeof createLists>
  readonly notifications: ReturnType<typeof createNotifications>
  readonly readTime: () => number
}

type Body = Readonly<Record<string, unknown>>

/** Creates the operations of a mailbox. Each returns the body of its response; undefined: it has none. */
export function createGmailOperations({ user, mailbox, lists, notifications, readTime }: GmailOperationsContext) {
  const read = (id: string, parameters: URLSearchParams) => {
    const message = mailbox.messages.get(id)
    const resource = message && messageResource(message, readTime(), parameters)
    if (resource === undefined) throw new GmailFailure('notFound')
    return resource
  }
  const inThread = (threadId: string): readonly StoredMessage[] => {
    const found = [...mailbox.messages.values()].filter(
      (message) => message.threadId === threadId && message.states.at(-1)?.isDeleted === false,
    )
    if (found.length === 0) throw new GmailFailure('notFound')
    return found
  }
  const relabelThread = (threadId: string, add: readonly string[], drop: readonly string[]) => {
    const messages = inThread(threadId)
    for (const { id } of messages) mailbox.relabel(id, add, drop)
    return { id: threadId, messages: messages.map(writtenMessage) }
  }
  /** Adds the message of a body, which may belong to a thread. */
  const addFrom = ({ raw, threadId }: Body, labelIds: readonly string[]): StoredMessage => {
    const decoded = fromBase64Url(raw)
    if (decoded === undefined)
      throw invalid("'raw' RFC822 payload message string or uploading message via /upload/* URL required")
    if (typeof threadId !== 'string') return mailbox.add(decoded, labelIds)
    inThread(threadId)
    return mailbox.add(decoded, labelIds, threadId)
  }
  const draftOf = (id: string): StoredMessage => {
    const messageId = mailbox.drafts.get(id)
    if (messageId === undefined) throw new GmailFailure('notFound')
    return mailbox.current(messageId)
  }
  const sent = (message: StoredMessage): StoredMessage => {
    const to = message.payload.headers.filter(({ name }) => /^(?:to|cc|bcc)$/i.test(name)).map(({ value }) => value)
    if (to.join('') === '') throw invalid('Recipient address required')
    return message
  }
  let drafts = 0

  const operations: Readonly<Record<SimulatedGmailOperation, (call: GmailCall, body: Body) => unknown>> = {
    'users.getProfile': () => {
      const time = readTime()
      const current = [...mailbox.messages.values()].filter((message) => stateAt(message, time) !== undefined)
      const threadsTotal = new Set(current.map(({ threadId }) => threadId)).size
      const historyId = String(mailbox.historyIdAt(time))
      return { emailAddress: user, messagesTotal: current.length, threadsTotal, historyId }
    },
    'users.watch': (_call, body) => notifications.watch(body),
    'users.stop': () => notifications.stop(),
    'history.list': ({ parameters }) => lists.history(parameters),
    'messages.list': ({ parameters }) => lists.messages(parameters),
    'messages.get': ({ id, parameters }) => read(id, parameters),
    'messages.send': (_call, body) => writtenMessage(sent(addFrom(body, ['SENT']))),
    'messages.modify': ({ id }, body) => writtenMessage(mailbox.relabel(id, ...changesIn(body))),
    'messages.batchModify': (_call, body) => {
      for (const id of stringsIn(body['ids'])) mailbox.relabel(id, ...changesIn(body))
    },
    'messages.trash': ({ id }) => writtenMessage(mailbox.relabel(id, ['TRASH'], ['INBOX'])),
    'messages.untrash': ({ id }) => writtenMessage(mailbox.relabel(id, [], ['TRASH'])),
    'messages.delete': ({ id }) => mailbox.remove(id),
    'attachments.get': ({ id, innerId }) => {
      const bytes = mailbox.current(id).attachments.get(innerId)
      if (bytes === undefined) throw new GmailFailure('notFound')
      return { size: bytes.length, data: base64Url(bytes) }
    },
    'threads.list': ({ parameters }) => lists.threads(parameters),
    'threads.get': ({ id, parameters }) => {
      const time = readTime()
      const messages = inThread(id).flatMap((message) => messageResource(message, time, parameters) ?? [])
      return { id, historyId: messages.at(-1)?.['historyId'], messages }
    },
    'threads.modify': ({ id }, body) => relabelThread(id, ...changesIn(body)),
    'threads.trash': ({ id }) => relabelThread(id, ['TRASH'], ['INBOX']),
    'threads.untrash': ({ id }) => relabelThread(id, [], ['TRASH']),
    'labels.list': () => ({ labels: [...mailbox.labels.values()] }),
    'labels.create': (_call, body) => {
      const { name } = body
      if (typeof name !== 'string' || name === '') throw invalid('Invalid label name')
      return { ...body, ...mailbox.createLabel(name) }
    },
    'drafts.list': ({ parameters }) => lists.drafts(parameters),
    'drafts.get': ({ id, parameters }) => ({ id, message: read(draftOf(id).id, parameters) }),
    'drafts.create': (_call, body) => {
      const message = addFrom(messageIn(body), ['DRAFT'])
      const id = `r-${++drafts}`
      mailbox.drafts.set(id, message.id)
      return { id, message: writtenMessage(message) }
    },
    'drafts.update': ({ id }, body) => {
      const before = draftOf(id)
      const message = addFrom({ threadId: before.threadId, ...messageIn(body) }, ['DRAFT'])
      mailbox.drafts.set(id, message.id)
      mailbox.remove(before.id)
      return { id, message: writtenMessage(message) }
    },
    'drafts.send': (_call, body) => {
      const id = String(body['id'])
      const { id: messageId, raw, threadId } = draftOf(id)
      const message = sent(mailbox.add(raw, ['SENT'], threadId))
      mailbox.drafts.delete(id)
      mailbox.remove(messageId)
      return writtenMessage(message)
    },
    'drafts.delete': ({ id }) => {
      mailbox.remove(draftOf(id).id)
      mailbox.drafts.delete(id)
    },
  }
  return async (call: GmailCall): Promise<Response> => {
    const body = operations[call.operation](call, await bodyOf(call.request))
    return body === undefined ? new Response(null, { status: 204 }) : Response.json(body)
  }
}

const isObject = (value: unknown): value is Body => typeof value === 'object' && value !== null && !Array.isArray(value)

async function bodyOf(request: Request): Promise<Body> {
  const text = await request.text()
  if (text === '') return {}
  try {
    const body: unknown = JSON.parse(text)
    if (isObject(body)) return body
  } catch {
    // It is no JSON.
  }
  throw invalid('Parse Error')
}

const messageIn = ({ message }: Body): Body => (isObject(message) ? message : {})

const stringsIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []

/** Returns the labels that a modification adds and removes. */
const changesIn = (body: Body) => [stringsIn(body['addLabelIds']), stringsIn(body['removeLabelIds'])] as const

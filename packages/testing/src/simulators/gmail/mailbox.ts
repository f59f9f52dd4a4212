import { GmailFailure, invalid } from './failure.ts'
import { parseMessage } from './payload.ts'
import type { ParsedMessage } from './payload.ts'

/** The labels that every mailbox has. */
const SYSTEM_LABELS = ['INBOX', 'SENT', 'DRAFT', 'TRASH', 'SPAM', 'UNREAD', 'STARRED', 'IMPORTANT'] as const
/** Labels that Gmail itself sets. */
const FIXED_LABELS: ReadonlySet<string> = new Set(['SENT', 'DRAFT'])

interface State {
  readonly at: number
  readonly historyId: number
  readonly labelIds: readonly string[]
  readonly isDeleted: boolean
}

/** A message as it is stored. The last state is the current one. */
export interface StoredMessage extends ParsedMessage {
  readonly id: string
  readonly threadId: string
  /** Grows from message to message. */
  readonly position: number
  readonly internalDate: number
  /** The whole message; each character is a byte. */
  readonly raw: string
  readonly size: number
  readonly snippet: string
  readonly states: State[]
}

export type HistoryKind = 'messagesAdded' | 'messagesDeleted' | 'labelsAdded' | 'labelsRemoved'

/** A change of one message. */
export interface HistoryEntry {
  readonly id: number
  readonly at: number
  readonly kind: HistoryKind
  readonly message: StoredMessage
  readonly labelIds: readonly string[]
}

export interface StoredLabel {
  readonly id: string
  readonly name: string
  readonly type: 'system' | 'user'
}

export type Mailbox = ReturnType<typeof createMailbox>

/** Creates an empty mailbox. Every change is a record of its history. */
export function createMailbox(now: () => number, onChange: () => void) {
  const messages = new Map<string, StoredMessage>()
  const history: HistoryEntry[] = []
  const labels = new Map<string, StoredLabel>(
    SYSTEM_LABELS.map((id): [string, StoredLabel] => [id, { id, name: id, type: 'system' }]),
  )
  const drafts = new Map<string, string>()
  let historyId = 1000
  let made = 0
  let written = 0

  const record = (message: StoredMessage, kind: HistoryKind, labelIds: readonly string[], isDeleted = false): void => {
    historyId++
    const changed = kind === 'labelsAdded' || kind === 'labelsRemoved' ? labelIds : []
    const before = message.states.at(-1)?.labelIds ?? []
    const after =
      kind === 'labelsRemoved'
        ? before.filter((id) => !labelIds.includes(id))
        : [...new Set([...before, ...(kind === 'messagesDeleted' ? [] : labelIds)])]
    message.states.push({ at: now(), historyId, labelIds: after, isDeleted })
    history.push({ id: historyId, at: now(), kind, message, labelIds: changed })
    written++
    onChange()
  }
  const current = (id: string): StoredMessage => {
    const message = messages.get(id)
    if (message === undefined || message.states.at(-1)?.isDeleted !== false) throw new GmailFailure('notFound')
    return message
  }
  const remove = (id: string): void => {
    record(current(id), 'messagesDeleted', [], true)
  }

  return {
    messages,
    history,
    labels,
    drafts,
    current,
    remove,
    /** Changes so far. */
    written: () => written,
    /** Returns the newest history id at a time. */
    historyIdAt: (time: number): number => history.findLast(({ at }) => at <= time)?.id ?? 1000,
    /** Adds a message. Each character of `raw` is a byte. */
    add(raw: string, labelIds: readonly string[], threadId?: string): StoredMessage {
      for (const id of labelIds) if (!labels.has(id)) throw invalid(`Invalid label: ${id}`)
      const position = ++made
      const id = (0x19aa_0000_0000 + position).toString(16)
      const parsed = parseMessage(withOwnHeaders(raw, id, now()))
      const message: StoredMessage = {
        ...parsed,
        id,
        threadId: threadId ?? id,
        position,
        internalDate: now(),
        raw,
        size: raw.length,
        snippet: snippetOf(parsed),
        states: [],
      }
      messages.set(id, message)
      record(message, 'messagesAdded', labelIds)
      return message
    },
    relabel(id: string, add: readonly string[], drop: readonly string[]): StoredMessage {
      const message = current(id)
      for (const label of [...add, ...drop]) {
        if (!labels.has(label) || FIXED_LABELS.has(label)) throw invalid(`Invalid label: ${label}`)
      }
      const has = message.states.at(-1)?.labelIds ?? []
      const added = add.filter((label) => !has.includes(label))
      const dropped = drop.filter((label) => has.includes(label) && !add.includes(label))
      if (added.length > 0) record(message, 'labelsAdded', added)
      if (dropped.length > 0) record(message, 'labelsRemoved', dropped)
      return message
    },
    createLabel(name: string): StoredLabel {
      const isTaken = [...labels.values()].some((label) => label.name.toLowerCase() === name.toLowerCase())
      if (isTaken) throw new GmailFailure('aborted')
      const label: StoredLabel = { id: `Label_${labels.size + 1 - SYSTEM_LABELS.length}`, name, type: 'user' }
      labels.set(label.id, label)
      return label
    },
  }
}

/** Returns the state of a message at a time. Undefined: it did not exist yet, or was deleted. */
export function stateAt({ states }: StoredMessage, time: number): State | undefined {
  const state = states.findLast(({ at }) => at <= time)
  return state === undefined || state.isDeleted ? undefined : state
}

/** Adds the headers that a service adds to a message without them. */
function withOwnHeaders(raw: string, id: string, at: number): string {
  const [head = ''] = raw.split(/\r?\n\r?\n/, 1)
  const own = [
    ...(/^message-id:/im.test(head) ? [] : [`Message-ID: <${id}@mail.gmail.com>`]),
    ...(/^date:/im.test(head) ? [] : [`Date: ${new Date(at).toUTCString()}`]),
  ]
  return [...own, raw].join('\r\n')
}

/** Returns the begin of the first text. */
function snippetOf({ payload }: ParsedMessage): string {
  let part = payload
  while (part.parts?.[0] !== undefined) [part] = part.parts as [typeof part]
  const binary = atob((part.body.data ?? '').replaceAll('-', '+').replaceAll('_', '/'))
  const text = new TextDecoder().decode(Uint8Array.from(binary, (character) => character.charCodeAt(0)))
  return text.replaceAll(/\s+/g, ' ').trim().slice(0, 100)
}

import { gmail_v1 } from '@googleapis/gmail'
import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { RequestRecord, SdkCalls } from '@mcpclient/testkit'
import { describe, expect, it } from 'vitest'
import { gmail } from '../src/index.ts'
import { composeMail } from '../src/mime.ts'
import type { Mail } from '../src/mime.ts'
import { headerNames } from '../src/read-message.ts'

const TOKEN = 'ya29.recorded'

/** The input of a fixture, as far as the calls below take it apart. */
interface Input extends Mail {
  readonly messageId: string
  readonly messageIds: readonly string[]
  readonly threadId?: string
  readonly draftId: string
  readonly attachmentId: string
  readonly format?: string
  readonly addLabelIds?: string[]
  readonly removeLabelIds?: string[]
}

const me = { userId: 'me' } as const
const read = ({ format = 'full' }: Pick<Input, 'format'>) => ({
  ...me,
  format,
  ...(format === 'metadata' && { metadataHeaders: [...headerNames] }),
})
const metadata = read({ format: 'metadata' })
const raw = (mail: Mail): string => Buffer.from(composeMail(mail), 'latin1').toString('base64url')
const changes = ({ addLabelIds, removeLabelIds }: Input) => ({
  ...(addLabelIds && { addLabelIds }),
  ...(removeLabelIds && { removeLabelIds }),
})
const REPLY = {
  subject: 'Re: Vogelzählung im Röhricht',
  inReplyTo: 'heron-1@marshes.example',
  references: ['egret-0@marshes.example', 'heron-1@marshes.example'],
}

/** The same call by Google's own client. The defaults are those of the tools. */
const calls: SdkCalls<gmail_v1.Gmail, Input> = {
  send_email: ({ users }, { threadId, ...mail }) =>
    users.messages.send({ ...me, requestBody: { raw: raw(mail), ...(threadId !== undefined && { threadId }) } }),
  async reply_to_message({ users }, { messageId, ...mail }) {
    await users.messages.get({ ...metadata, id: messageId })
    return users.messages.send({ ...me, requestBody: { raw: raw({ ...mail, ...REPLY }), threadId: '19aa00' } })
  },
  async search_messages({ users }, input) {
    const { data } = await users.messages.list({ ...me, maxResults: 20, ...(input as object) })
    for (const { id = '' } of data.messages ?? []) await users.messages.get({ ...metadata, id: id ?? '' })
  },
  get_message: ({ users }, input) => users.messages.get({ ...read(input), id: input.messageId }),
  get_attachment: ({ users }, { messageId, attachmentId }) =>
    users.messages.attachments.get({ ...me, messageId, id: attachmentId }),
  modify_labels({ users }, input) {
    const { messageIds, threadId } = input
    if (threadId !== undefined) return users.threads.modify({ ...me, id: threadId, requestBody: changes(input) })
    const [id = ''] = messageIds
    return messageIds.length === 1
      ? users.messages.modify({ ...me, id, requestBody: changes(input) })
      : users.messages.batchModify({ ...me, requestBody: { ids: [...messageIds], ...changes(input) } })
  },
  trash_message: ({ users }, { messageId: id }) => users.messages.trash({ ...me, id }),
  untrash_message: ({ users }, { messageId: id }) => users.messages.untrash({ ...me, id }),
  list_threads: ({ users }, input) => users.threads.list({ ...me, maxResults: 100, ...(input as object) }),
  get_thread: ({ users }, input) => users.threads.get({ ...read(input), id: input.threadId ?? '' }),
  trash_thread: ({ users }, { threadId: id = '' }) => users.threads.trash({ ...me, id }),
  untrash_thread: ({ users }, { threadId: id = '' }) => users.threads.untrash({ ...me, id }),
  list_labels: ({ users }) => users.labels.list(me),
  create_label: ({ users }, input) => users.labels.create({ ...me, requestBody: input as object }),
  list_drafts: ({ users }, input) => users.drafts.list({ ...me, maxResults: 100, ...(input as object) }),
  get_draft: ({ users }, { draftId: id }) => users.drafts.get({ ...read({}), id }),
  async create_draft({ users }, input) {
    const { replyToMessageId, ...mail } = input as Input & { readonly replyToMessageId?: string }
    if (replyToMessageId === undefined)
      return users.drafts.create({ ...me, requestBody: { message: { raw: raw(mail) } } })
    await users.messages.get({ ...metadata, id: replyToMessageId })
    const message = { raw: raw({ ...mail, ...REPLY }), threadId: '19aa00' }
    return users.drafts.create({ ...me, requestBody: { message } })
  },
  update_draft: ({ users }, { draftId: id, ...mail }) =>
    users.drafts.update({ ...me, id, requestBody: { message: { raw: raw(mail) } } }),
  send_draft: ({ users }, { draftId: id }) => users.drafts.send({ ...me, requestBody: { id } }),
  delete_draft: ({ users }, { draftId: id }) => users.drafts.delete({ ...me, id }),
  get_profile: ({ users }) => users.getProfile(me),
  list_history: ({ users }, input) => users.history.list({ ...me, maxResults: 100, ...(input as object) }),
}

const cases = succeedingCases<Input>(import.meta.dirname)

// The tool reads several messages at once.
const sorted = (requests: readonly RequestRecord[]) =>
  requests.toSorted((one, other) => (one.path < other.path ? -1 : 1))

describe("beside Google's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
  })

  it.each(cases)('sends the same requests for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => gmail({ token: TOKEN, baseUrl: `${url}/gmail/v1/` }),
      sdk: ({ url }) => {
        const headers = { authorization: `Bearer ${TOKEN}` }
        return calls[fixture.tool]?.(new gmail_v1.Gmail({ rootUrl: `${url}/`, headers, retry: false }), fixture.input)
      },
    })
    expect(sorted(ours)).toEqual(sorted(theirs))
  })
})

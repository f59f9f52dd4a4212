import { compareWithSdk, succeedingCases } from '@mcpclient/testkit'
import type { RequestRecord } from '@mcpclient/testkit'
import { Client } from '@microsoft/microsoft-graph-client'
import { describe, expect, it } from 'vitest'
import { outlookMail } from '../src/index.ts'

const TOKEN = 'eyJ0.recorded'

/** The input of a fixture, as far as the calls below take it apart. */
interface Input {
  readonly messageId: string
  readonly draftId: string
  readonly attachmentId: string
  readonly folderId?: string
  readonly parentFolderId?: string
  readonly replyToMessageId?: string
  readonly replyAll?: boolean
  readonly maxResults?: number
  readonly q: string
  readonly body?: 'text'
}
/** The same call by Microsoft's own client. `sent` is the request of the connector, which the contract checks. */
type Call = (sdk: Client, input: Input, sent: RequestRecord) => Promise<unknown>

const IMMUTABLE = 'IdType="ImmutableId"'
const FIELDS =
  'id,conversationId,internetMessageId,parentFolderId,subject,bodyPreview,from,sender,toRecipients,ccRecipients,bccRecipients,' +
  'replyTo,createdDateTime,lastModifiedDateTime,receivedDateTime,sentDateTime,isRead,isDraft,importance,hasAttachments,flag,' +
  'categories,webLink'
const one = (id: string): string => `/me/messages/${encodeURIComponent(id)}`
const foldersIn = (parent: string | undefined): string =>
  parent === undefined ? '/me/mailFolders' : `/me/mailFolders/${parent}/childFolders`

const calls: Readonly<Record<string, Call>> = {
  send_email: (sdk, _input, { body }) => sdk.api('/me/sendMail').header('prefer', IMMUTABLE).post(body),
  reply_to_message: (sdk, { messageId, replyAll = false }, { body }) =>
    sdk
      .api(`${one(messageId)}/${replyAll ? 'replyAll' : 'reply'}`)
      .header('prefer', IMMUTABLE)
      .post(body),
  forward_message: (sdk, { messageId }, { body }) =>
    sdk
      .api(`${one(messageId)}/forward`)
      .header('prefer', IMMUTABLE)
      .post(body),
  search_messages: (sdk, { q, folderId, maxResults = 50 }) =>
    sdk
      .api(folderId === undefined ? '/me/messages' : `/me/mailFolders/${folderId}/messages`)
      .header('prefer', IMMUTABLE)
      .search(`"${q.replaceAll('"', String.raw`\"`)}"`)
      .select(FIELDS)
      .top(maxResults)
      .get(),
  list_messages: (sdk, { folderId = 'inbox', maxResults = 50 }, { query }) => {
    const request = sdk
      .api(`/me/mailFolders/${folderId}/messages`)
      .header('prefer', IMMUTABLE)
      .orderby('receivedDateTime desc')
      .select(FIELDS)
      .top(maxResults)
    // The fixtures show which filter belongs to which input.
    const filter = query.find((parameter) => parameter.startsWith('$filter='))?.slice('$filter='.length)
    return (filter === undefined ? request : request.filter(filter)).get()
  },
  get_message: (sdk, { messageId, body = 'html' }) =>
    sdk
      .api(one(messageId))
      .header('prefer', `${IMMUTABLE}, outlook.body-content-type="${body}"`)
      .select(`${FIELDS},body`)
      .get(),
  update_message: (sdk, { messageId }, { body }) => sdk.api(one(messageId)).header('prefer', IMMUTABLE).patch(body),
  move_message: (sdk, { messageId, folderId }) =>
    sdk
      .api(`${one(messageId)}/move`)
      .header('prefer', IMMUTABLE)
      .post({ destinationId: folderId }),
  list_attachments: (sdk, { messageId }) =>
    sdk
      .api(`${one(messageId)}/attachments`)
      .header('prefer', IMMUTABLE)
      .select('id,name,contentType,size,isInline')
      .get(),
  get_attachment: (sdk, { messageId, attachmentId }) =>
    sdk
      .api(`${one(messageId)}/attachments/${encodeURIComponent(attachmentId)}`)
      .header('prefer', IMMUTABLE)
      .get(),
  list_folders: (sdk, { parentFolderId, maxResults = 100 }) => {
    const request = sdk.api(foldersIn(parentFolderId)).header('prefer', IMMUTABLE).top(maxResults)
    return (parentFolderId === undefined ? request : request.query({ includeHiddenFolders: 'true' })).get()
  },
  create_folder: (sdk, { parentFolderId }) =>
    sdk.api(foldersIn(parentFolderId)).header('prefer', IMMUTABLE).post({ displayName: 'Marsh 1' }),
  list_drafts: (sdk) =>
    sdk.api('/me/mailFolders/drafts/messages').header('prefer', IMMUTABLE).select(FIELDS).top(50).get(),
  create_draft: (sdk, { replyToMessageId }, { body }) =>
    sdk
      .api(replyToMessageId === undefined ? '/me/messages' : `${one(replyToMessageId)}/createReply`)
      .header('prefer', IMMUTABLE)
      .post(body),
  update_draft: (sdk, { draftId }, { body }) => sdk.api(one(draftId)).header('prefer', IMMUTABLE).patch(body),
  send_draft: (sdk, { draftId }) =>
    sdk
      .api(`${one(draftId)}/send`)
      .header('prefer', IMMUTABLE)
      .post(undefined),
  delete_draft: (sdk, { draftId }) => sdk.api(one(draftId)).header('prefer', IMMUTABLE).delete(),
}

const cases = succeedingCases<Input>(import.meta.dirname)

describe("beside Microsoft's own client", () => {
  it('compares every tool', () => {
    expect(new Set(cases.map(([, { tool }]) => tool))).toEqual(new Set(Object.keys(calls)))
  })

  it.each(cases)('sends the same request for %s', async (_name, fixture) => {
    const { ours, theirs } = await compareWithSdk(fixture, {
      connector: ({ url }) => outlookMail({ token: TOKEN, baseUrl: `${url}/v1.0/` }),
      sdk: ({ url }, [sent]) => {
        const sdk = Client.init({
          baseUrl: url,
          // It sends its own token over https only.
          authProvider: (done) => done(null, TOKEN),
          fetchOptions: { headers: { authorization: `Bearer ${TOKEN}` } },
        })
        return calls[fixture.tool]?.(sdk, fixture.input, sent)
      },
      headers: ['authorization', 'prefer'],
    })
    expect(ours).toEqual(theirs)
  })
})

import { createMcpClient, fetchTransport } from '@mcpclient/core'
import { bodyOf, listen, readFixtures } from '@mcpclient/testkit'
import type { LoopbackServer } from '@mcpclient/testkit'
import { Client } from '@microsoft/microsoft-graph-client'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { outlookMail } from '../src/index.ts'

const fixtures = readFixtures(import.meta.dirname)
const TOKEN = 'eyJ0.recorded'

interface Seen {
  readonly method: string
  readonly path: string
  readonly query: readonly string[]
  readonly prefer: string | undefined
  readonly body: unknown
}

let seen: Seen[] = []
let response: { readonly status?: number; readonly json?: unknown } = {}
let server: LoopbackServer

beforeAll(async () => {
  server = await listen((request, reply) => {
    void bodyOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      const { prefer } = request.headers
      seen.push({
        method: request.method ?? '',
        path: pathname,
        query: [...searchParams].map(([name, value]) => `${name}=${value}`).toSorted(),
        prefer: typeof prefer === 'string' ? prefer : undefined,
        body: body === '' ? undefined : JSON.parse(body),
      })
      const { status = 200, json } = response
      reply.writeHead(status, json === undefined ? {} : { 'content-type': 'application/json' })
      reply.end(json === undefined ? undefined : JSON.stringify(json))
    })
  })
})

beforeEach(() => {
  seen = []
})

afterAll(() => server[Symbol.asyncDispose]())

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
/** The same call by Microsoft's own client. `sent` is the body that the connector sent, which the contract checks. */
type Call = (sdk: Client, input: Input, sent: unknown) => Promise<unknown>

const IMMUTABLE = 'IdType="ImmutableId"'
const FIELDS =
  'id,conversationId,internetMessageId,parentFolderId,subject,bodyPreview,from,sender,toRecipients,ccRecipients,bccRecipients,' +
  'replyTo,createdDateTime,lastModifiedDateTime,receivedDateTime,sentDateTime,isRead,isDraft,importance,hasAttachments,flag,' +
  'categories,webLink'
const one = (id: string): string => `/me/messages/${encodeURIComponent(id)}`
const foldersIn = (parent: string | undefined): string =>
  parent === undefined ? '/me/mailFolders' : `/me/mailFolders/${parent}/childFolders`

const calls: Readonly<Record<string, Call>> = {
  send_email: (sdk, _input, sent) => sdk.api('/me/sendMail').header('prefer', IMMUTABLE).post(sent),
  reply_to_message: (sdk, { messageId, replyAll = false }, sent) =>
    sdk
      .api(`${one(messageId)}/${replyAll ? 'replyAll' : 'reply'}`)
      .header('prefer', IMMUTABLE)
      .post(sent),
  forward_message: (sdk, { messageId }, sent) =>
    sdk
      .api(`${one(messageId)}/forward`)
      .header('prefer', IMMUTABLE)
      .post(sent),
  search_messages: (sdk, { q, folderId, maxResults = 50 }) =>
    sdk
      .api(folderId === undefined ? '/me/messages' : `/me/mailFolders/${folderId}/messages`)
      .header('prefer', IMMUTABLE)
      .search(`"${q.replaceAll('"', String.raw`\"`)}"`)
      .select(FIELDS)
      .top(maxResults)
      .get(),
  list_messages: (sdk, { folderId = 'inbox', maxResults = 50 }) => {
    const request = sdk
      .api(`/me/mailFolders/${folderId}/messages`)
      .header('prefer', IMMUTABLE)
      .orderby('receivedDateTime desc')
      .select(FIELDS)
      .top(maxResults)
    // The fixtures show which filter belongs to which input.
    const filter = seen[0]?.query.find((parameter) => parameter.startsWith('$filter='))?.slice('$filter='.length)
    return (filter === undefined ? request : request.filter(filter)).get()
  },
  get_message: (sdk, { messageId, body = 'html' }) =>
    sdk
      .api(one(messageId))
      .header('prefer', `${IMMUTABLE}, outlook.body-content-type="${body}"`)
      .select(`${FIELDS},body`)
      .get(),
  update_message: (sdk, { messageId }, sent) => sdk.api(one(messageId)).header('prefer', IMMUTABLE).patch(sent),
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
  create_draft: (sdk, { replyToMessageId }, sent) =>
    sdk
      .api(replyToMessageId === undefined ? '/me/messages' : `${one(replyToMessageId)}/createReply`)
      .header('prefer', IMMUTABLE)
      .post(sent),
  update_draft: (sdk, { draftId }, sent) => sdk.api(one(draftId)).header('prefer', IMMUTABLE).patch(sent),
  send_draft: (sdk, { draftId }) =>
    sdk
      .api(`${one(draftId)}/send`)
      .header('prefer', IMMUTABLE)
      .post(undefined),
  delete_draft: (sdk, { draftId }) => sdk.api(one(draftId)).header('prefer', IMMUTABLE).delete(),
}

const succeeding = fixtures.filter((fixture) => 'output' in fixture)

describe("beside Microsoft's own client", () => {
  it('compares every tool', () => {
    expect(new Set(succeeding.map(({ tool }) => tool))).toEqual(new Set(Object.keys(calls)))
  })

  it.each(succeeding.map((fixture) => [`${fixture.tool}: ${fixture.name}`, fixture] as const))(
    'sends the same request for %s',
    async (_name, { tool, input, responses }) => {
      response = responses[0] ?? {}
      const mcp = createMcpClient({
        connectors: { mail: outlookMail({ token: TOKEN, baseUrl: `${server.url}/v1.0/` }) },
        transport: fetchTransport(),
      })
      await mcp.client('mail', 'ada').invoke(tool, input, { maxPages: 1 })
      await mcp.close()

      const sdk = Client.init({
        baseUrl: `${server.url}/`,
        defaultVersion: 'v1.0',
        // It sends the token to addresses with https only.
        authProvider: (done) => {
          done(null, TOKEN)
        },
      })
      await calls[tool]?.(sdk, input as unknown as Input, seen[0]?.body)

      const [ours, theirs] = seen
      expect(seen).toHaveLength(2)
      expect(ours).toEqual(theirs)
    },
  )
})

import { get, path } from '@mcpclient/core/define'
import type { RequestSpec } from '@mcpclient/core/define'
import { prefer } from '@mcpclient/microsoft'

export const messageAt = (id: string): string => path`me/messages/${id}`
export const folderAt = (id: string): string => path`me/mailFolders/${id}`
export const messagesIn = (folderId: string | undefined): string =>
  folderId === undefined ? 'me/messages' : `${folderAt(folderId)}/messages`

/** The parts of a message that a request reads. */
export type Format = 'metadata' | 'full'
export type BodyType = 'text' | 'html'

const METADATA = [
  'id',
  'conversationId',
  'internetMessageId',
  'parentFolderId',
  'subject',
  'bodyPreview',
  'from',
  'sender',
  'toRecipients',
  'ccRecipients',
  'bccRecipients',
  'replyTo',
  'createdDateTime',
  'lastModifiedDateTime',
  'receivedDateTime',
  'sentDateTime',
  'isRead',
  'isDraft',
  'importance',
  'hasAttachments',
  'flag',
  'categories',
  'webLink',
]

/** Returns the fields to read. Without them, Graph returns some more and every body. */
export const selected = (format: Format) => ({
  $select: [...METADATA, ...(format === 'full' ? ['body'] : [])].join(','),
})

export const getMessage = (id: string, format: Format, body?: BodyType): RequestSpec =>
  get(messageAt(id), selected(format), { headers: prefer({ body }) })

/** Returns a string as OData writes it: in quotes, which are doubled inside. */
export const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`

/** Returns words to search for, as one phrase of the query option. A quote in it has a backslash. */
export const searched = (query: string): string => `"${query.replaceAll(/["\\]/g, String.raw`\$&`)}"`

import { textOf } from './calendar/event-body.ts'
import type { GraphContext } from './context.ts'
import { GraphFailure } from './failure.ts'
import { createFolder } from './folder.ts'
import type { Folder } from './folder.ts'
import type { Fields, GraphResource } from './routes.ts'

export interface MailResource extends GraphResource {
  /** Returns the messages of a folder: by its well-known name, or of the inbox. */
  messagesOf(folder?: string): Folder
}

/** The number of the first folder in ids. */
const FIRST_FOLDER = 60
const FOLDERS = ['inbox', 'drafts', 'sentitems', 'deleteditems', 'archive'] as const

/** The fields of a new message that a body leaves out. */
const DEFAULTS: Fields = {
  subject: '',
  body: { contentType: 'html', content: '' },
  bodyPreview: '',
  importance: 'normal',
  isRead: false,
  isDraft: true,
  hasAttachments: false,
  categories: [],
  toRecipients: [],
  ccRecipients: [],
  bccRecipients: [],
  flag: { flagStatus: 'notFlagged' },
}

/** Creates the messages of a mailbox, in its well-known folders. */
export function createMail(context: GraphContext): MailResource {
  const folders = FOLDERS.map((id, index) => ({
    id,
    messages: createFolder(
      {
        name: `messages in ${id}`,
        folder: FIRST_FOLDER + index,
        type: 'message',
        resources: ['me/messages', `me/mailFolders('${id}')/messages`, `me/mailFolders/${id}/messages`],
        path: `me/mailFolders/${id}/messages`,
        operations: 'messages',
        contentOf: (body) => ({ ...DEFAULTS, isDraft: id === 'drafts', ...body, parentFolderId: id }),
        shown: (item, { body }) => (body === 'text' ? { ...item, body: textOf(item['body']) } : item),
      },
      context,
    ),
  }))
  return {
    routes: folders.flatMap(({ messages }) => messages.routes),
    messagesOf(folder = 'inbox') {
      const found = folders.find(({ id }) => id === folder)
      if (found === undefined) throw new GraphFailure('ErrorItemNotFound')
      return found.messages
    },
    behave() {
      for (const { messages } of folders) messages.behave()
    },
    writes: () => folders.reduce((sum, { messages }) => sum + messages.writes(), 0),
  }
}

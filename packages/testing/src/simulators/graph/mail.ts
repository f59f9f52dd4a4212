import { textOf } from './calendar/event-body.ts'
import type { GraphContext } from './context.ts'
import { GraphFailure } from './failure.ts'
import { createFolder } from './folder.ts'
import type { Folder } from './folder.ts'
import { createMailboxRoutes } from './mail/mailbox-routes.ts'
import type { MailFolder } from './mail/mailbox-routes.ts'
import type { Fields, GraphResource } from './routes.ts'

export interface MailResource extends GraphResource {
  /** Returns the messages of a folder: by its well-known name, or of the inbox. */
  messagesOf(folder?: string): Folder
  /** Moves a message to a folder with a well-known name, as a user does. */
  move(id: string, folder: string): Promise<void>
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
  const folders = FOLDERS.map((name, index): MailFolder => {
    const id = `AQMkADAwATM0MDAAMS1${name}`
    const messages = createFolder(
      {
        name: `messages in ${name}`,
        folder: FIRST_FOLDER + index,
        type: 'message',
        resources: [
          'me/messages',
          `me/mailFolders('${name}')/messages`,
          `me/mailFolders/${name}/messages`,
          `me/mailFolders/${id}/messages`,
        ],
        path: `me/mailFolders/(?:${name}|${id})/messages`,
        operations: 'messages',
        contentOf: (body) => ({ ...DEFAULTS, isDraft: name === 'drafts', ...body, parentFolderId: id }),
        shown: (item, { body }) => (body === 'text' ? { ...item, body: textOf(item['body']) } : item),
      },
      context,
    )
    return { name, id, messages }
  })
  const { routes, move } = createMailboxRoutes(folders, context)
  return {
    routes: [...folders.flatMap(({ messages }) => messages.routes), ...routes],
    move,
    messagesOf(folder = 'inbox') {
      const found = folders.find(({ name }) => name === folder)
      if (found === undefined) throw new GraphFailure('ErrorItemNotFound')
      return found.messages
    },
    behave() {
      for (const { messages } of folders) messages.behave()
    },
    writes: () => folders.reduce((sum, { messages }) => sum + messages.writes(), 0),
  }
}

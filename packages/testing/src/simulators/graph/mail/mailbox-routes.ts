import type { SimulatedRecord } from '../../simulated-provider.ts'
import type { GraphContext } from '../context.ts'
import { GraphFailure } from '../failure.ts'
import type { Folder } from '../folder.ts'
import { isObject } from '../routes.ts'
import type { Fields, GraphCall, GraphRoute } from '../routes.ts'

/** A folder of the mailbox. */
export interface MailFolder {
  /** Its well-known name. */
  readonly name: string
  readonly id: string
  readonly messages: Folder
}

export interface MailboxRoutes {
  readonly routes: readonly GraphRoute[]
  /** Moves a message as a user does. The id is immutable. */
  move(id: string, folder: string): Promise<void>
}

interface Found {
  readonly folder: MailFolder
  readonly name: string
  readonly record: SimulatedRecord
}

const actionOf = (name: string): RegExp => new RegExp(`^me/messages/([^/]+)/(?:microsoft\\.graph\\.)?${name}$`)

/** Creates the routes of messages that do not name a folder, of moving, of sending, and of folders themselves. */
export function createMailboxRoutes(folders: readonly MailFolder[], { now, user }: GraphContext): MailboxRoutes {
  const folderOf = (nameOrId: unknown): MailFolder => {
    const found = folders.find(({ name, id }) => nameOrId === name || nameOrId === id)
    if (found === undefined) throw new GraphFailure('ErrorItemNotFound')
    return found
  }
  /** Finds a message in whatever folder it is. An immutable id is the same in each. */
  const locate = ({ ids: [id = ''] }: Pick<GraphCall, 'ids'>): Found => {
    for (const folder of folders) {
      const name = nameIn(folder, id)
      const record = name === undefined ? undefined : folder.messages.collection.provider.record(name)
      if (name !== undefined && record !== undefined) return { folder, name, record }
    }
    throw new GraphFailure('ErrorItemNotFound')
  }
  const entity = ({ folder, record }: Pick<Found, 'folder' | 'record'>, call: GraphCall, status = 200): Response =>
    Response.json(
      {
        '@odata.context': `${call.url.origin}/v1.0/$metadata#users('${user}')/messages/$entity`,
        ...folder.messages.shown(record, call.preferences),
      },
      { status },
    )
  /** Creates the moved message even if the response of the removal is lost: a move is one write. */
  const move = async ({ folder, name, record }: Found, to: MailFolder, changes: Fields, asClient: boolean) => {
    if (folder === to) return folder.messages.collection.asUser.update(name, changes)
    const { collection } = folder.messages
    const add = (): Promise<SimulatedRecord> =>
      to.messages.collection.asUser.create(name, { ...record.item, ...changes, parentFolderId: to.id })
    if (!asClient) {
      await collection.asUser.remove(name)
      return add()
    }
    try {
      await collection.asClient().remove(name)
    } catch (error) {
      if (collection.provider.record(name) === undefined) await add()
      throw error
    }
    return add()
  }
  const send = async (found: Found): Promise<void> => {
    if (found.record.item['isDraft'] !== true) throw new GraphFailure('ErrorInvalidRequest')
    if (recipientsIn(found.record.item) === 0) throw new GraphFailure('ErrorInvalidRecipients')
    const sentAt = new Date(now()).toISOString()
    await move(found, folderOf('sentitems'), { isDraft: false, isRead: true, sentDateTime: sentAt }, true)
  }

  return {
    routes: [
      {
        operation: 'mailFolders.get',
        method: 'GET',
        path: /^me\/mailFolders\/([^/]+)$/,
        run: ({ ids: [nameOrId] }) => Response.json(folderShown(folderOf(nameOrId))),
      },
      {
        operation: 'messages.createDraft',
        method: 'POST',
        path: /^me\/messages$/,
        async run(call) {
          const folder = folderOf('drafts')
          const { create, collection } = folder.messages
          return entity({ folder, record: await create(await call.body(), collection.asClient()) }, call, 201)
        },
      },
      {
        operation: 'messages.get',
        method: 'GET',
        path: /^me\/messages\/([^/]+)$/,
        run: async (call) => entity(await readIn(folders, call.ids[0] ?? ''), call),
      },
      {
        operation: 'messages.update',
        method: 'PATCH',
        path: /^me\/messages\/([^/]+)$/,
        async run(call) {
          const { folder, name } = locate(call)
          const { update, collection } = folder.messages
          return entity(
            { folder, record: await update(name, await call.body(), collection.asClient(call.ifMatch)) },
            call,
          )
        },
      },
      {
        operation: 'messages.delete',
        method: 'DELETE',
        path: /^me\/messages\/([^/]+)$/,
        async run(call) {
          const { folder, name } = locate(call)
          await folder.messages.remove(name, folder.messages.collection.asClient(call.ifMatch))
          return new Response(null, { status: 204 })
        },
      },
      {
        operation: 'messages.move',
        method: 'POST',
        path: actionOf('move'),
        async run(call) {
          const { destinationId } = await call.body()
          const to = folderOf(destinationId)
          return entity({ folder: to, record: await move(locate(call), to, {}, true) }, call, 201)
        },
      },
      {
        operation: 'messages.send',
        method: 'POST',
        path: actionOf('send'),
        async run(call) {
          await send(locate(call))
          return new Response(null, { status: 202 })
        },
      },
      {
        operation: 'messages.sendMail',
        method: 'POST',
        path: /^me\/(?:microsoft\.graph\.)?sendMail$/,
        async run(call) {
          const { message } = await call.body()
          if (!isObject(message)) throw new GraphFailure('BadRequest')
          if (recipientsIn(message) === 0) throw new GraphFailure('ErrorInvalidRecipients')
          const { create, collection } = folderOf('sentitems').messages
          await create({ isRead: true, sentDateTime: new Date(now()).toISOString(), ...message }, collection.asClient())
          return new Response(null, { status: 202 })
        },
      },
    ],
    async move(id, folder) {
      await move(locate({ ids: [id] }), folderOf(folder), {}, false)
    },
  }
}

/** Reads a message in the first folder that has it, with lag: it may still show the folder that it has left. */
async function readIn(folders: readonly MailFolder[], id: string): Promise<Pick<Found, 'folder' | 'record'>> {
  for (const folder of folders) {
    const name = nameIn(folder, id)
    const { provider } = folder.messages.collection
    const record = name === undefined ? undefined : await provider.get(name)
    if (record !== undefined && !('code' in record)) return { folder, record }
  }
  throw new GraphFailure('ErrorItemNotFound')
}

/** Returns the name of an id, or undefined if it belongs to another folder. */
function nameIn({ messages: { collection } }: MailFolder, id: string): string | undefined {
  try {
    return collection.nameOf(id)
  } catch (error) {
    if (error instanceof GraphFailure && error.code === 'ErrorItemNotFound') return undefined
    throw error
  }
}

const recipientsIn = (message: Fields): number =>
  ['toRecipients', 'ccRecipients', 'bccRecipients'].reduce((sum, field) => {
    const list = message[field]
    return sum + (Array.isArray(list) ? list.length : 0)
  }, 0)

const folderShown = ({ id, name, messages }: MailFolder): Fields => ({
  id,
  displayName: name,
  parentFolderId: 'msgfolderroot',
  childFolderCount: 0,
  unreadItemCount: messages.collection.provider.records().filter(({ item }) => item['isRead'] !== true).length,
  totalItemCount: messages.collection.provider.records().length,
  sizeInBytes: 0,
  isHidden: false,
})

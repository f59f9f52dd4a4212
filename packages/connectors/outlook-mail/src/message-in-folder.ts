import { ConnectorError, get, send } from '@mcpclient/core/define'
import type { Run } from '@mcpclient/core/define'
import * as z from 'zod'
import { folderAt, getMessage } from './requests.ts'
import type { Format } from './requests.ts'

const Folder = z.object({ id: z.string() })
const Found = z.looseObject({ id: z.string(), parentFolderId: z.string() })

/**
 * Reads a message of one folder. Its id stays the same when it is moved, so a message in another folder is found as well:
 * it is gone from this one. Folders have names besides their ids, so the id is read first.
 */
export function* messageInFolder(id: string, { folderId, format }: { folderId: string; format: Format }): Run<unknown> {
  const folder = yield* send(get(folderAt(folderId), { $select: 'id' }), Folder)
  const message = yield* send(getMessage(id, format), Found)
  if (message.parentFolderId === folder.id) return message
  throw new ConnectorError('MCP_CLIENT_ERROR', 'The message is in another folder.', {
    providerCode: 'ErrorItemNotFound',
  })
}

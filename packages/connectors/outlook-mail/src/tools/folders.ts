import { get, post, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { folderAt } from '../requests.ts'
import { scopes } from '../scopes.ts'
import { Folder, folderId, maxResults } from '../shapes.ts'

const foldersIn = (parent: string | undefined): string =>
  parent === undefined ? 'me/mailFolders' : `${folderAt(parent)}/childFolders`

/** Folders. */
export const folders = {
  list_folders: tool({
    description: 'List the folders of the mailbox, or those in a folder, with their numbers of messages.',
    effect: 'read',
    scopes: [scopes.read],
    input: z.object({
      parentFolderId: folderId.optional().describe('Absent: the folders at the top.'),
      includeHiddenFolders: z.boolean().optional(),
      maxResults: maxResults.default(100),
    }),
    output: z.object({ value: z.array(Folder) }),
    request: ({ parentFolderId, includeHiddenFolders, maxResults: size }) =>
      get(foldersIn(parentFolderId), { includeHiddenFolders, $top: size }),
    pages: odataPages(),
  }),
  create_folder: tool({
    description: 'Create a folder.',
    effect: 'write',
    scopes: [scopes.write],
    input: z.object({
      displayName: z.string().min(1),
      parentFolderId: folderId.optional().describe('Absent: at the top of the mailbox.'),
    }),
    output: Folder,
    request: ({ parentFolderId, displayName }) => post(foldersIn(parentFolderId), { displayName }),
    preview: ({ displayName }) => `Create the folder "${displayName}".`,
    undo: 'impossible',
    reconcile: 'List the folders with list_folders: a folder has each name once.',
  }),
}

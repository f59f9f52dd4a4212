import { get, path, tool } from '@mcpclient/core/define'
import { odataPages } from '@mcpclient/microsoft'
import * as z from 'zod'
import { Folder } from '../shapes.ts'

export const folders = {
  list_contact_folders: tool({
    description: 'List the contact folders beside the default one, or those within a folder.',
    effect: 'read',
    scopes: ['Contacts.Read'],
    input: z.object({
      parentFolderId: z.string().min(1).optional().describe('List the folders within this one.'),
      pageSize: z.number().int().min(1).max(1000).default(100).describe('Folders in one page.'),
    }),
    output: z.object({ value: z.array(Folder) }),
    request: ({ parentFolderId: parent, pageSize }) =>
      get(parent === undefined ? 'me/contactFolders' : path`me/contactFolders/${parent}/childFolders`, {
        $top: pageSize,
      }),
    pages: odataPages(),
  }),
}

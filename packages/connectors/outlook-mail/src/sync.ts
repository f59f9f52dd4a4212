import { get, sync, valueAt } from '@mcpclient/core/define'
import { deltaPage, graphSubscription, prefer, syncCodes } from '@mcpclient/microsoft'
import * as z from 'zod'
import { messageInFolder } from './message-in-folder.ts'
import { messagesIn, selected } from './requests.ts'
import { Row } from './row.ts'
import { scopes } from './scopes.ts'
import { folderId } from './shapes.ts'

const PAGE_SIZE = 200

const Params = z.object({
  folderId: folderId.default('inbox'),
  format: z.enum(['metadata', 'full']).default('metadata').describe('full: with the bodies.'),
})
type Params = z.output<typeof Params>

/** The messages of one folder, one way in. A message that is moved away is removed. */
export const messages = sync({
  description: 'The messages of one folder, one way in.',
  params: Params,
  item: Row,
  key: 'id',
  revision: (message) => Date.parse(String(valueAt(message, 'lastModifiedDateTime'))) || undefined,
  // A change may come with the fields that changed, and no others.
  sparse: true,
  // Changes may show late, and Microsoft names no time: https://learn.microsoft.com/graph/delta-query-overview
  settleMs: 60_000,
  codes: syncCodes,
  scopes: [scopes.read],
  page: deltaPage(),
  // A link contains the query of the first request.
  pull: ({ params, since, page = since }) =>
    get(page ?? `${messagesIn(params.folderId)}/delta`, page === undefined ? selected(params.format) : undefined, {
      headers: prefer({ pageSize: PAGE_SIZE }),
    }),
  get: (id, { params }) => messageInFolder(id, params),
})

export const folderChanges = graphSubscription('messages', {
  resource: (params: Pick<Params, 'folderId'>) => messagesIn(params.folderId),
})

/** The operations that the simulator has, by Google's name. */
export type SimulatedGmailOperation =
  | 'users.getProfile'
  | 'users.watch'
  | 'users.stop'
  | 'history.list'
  | 'messages.list'
  | 'messages.get'
  | 'messages.send'
  | 'messages.modify'
  | 'messages.batchModify'
  | 'messages.trash'
  | 'messages.untrash'
  | 'messages.delete'
  | 'attachments.get'
  | 'threads.list'
  | 'threads.get'
  | 'threads.modify'
  | 'threads.trash'
  | 'threads.untrash'
  | 'labels.list'
  | 'labels.create'
  | 'drafts.list'
  | 'drafts.get'
  | 'drafts.create'
  | 'drafts.update'
  | 'drafts.send'
  | 'drafts.delete'

/** A request for an operation. */
export interface GmailCall {
  readonly operation: SimulatedGmailOperation
  /** The ids in the path. */
  readonly id: string
  readonly innerId: string
  readonly parameters: URLSearchParams
  readonly request: Request
}

type Route = readonly [method: string, path: string, units: number]

/** Units of the quota: https://developers.google.com/workspace/gmail/api/reference/quota */
const routes: Readonly<Record<SimulatedGmailOperation, Route>> = {
  'users.getProfile': ['GET', 'profile', 1],
  'users.watch': ['POST', 'watch', 100],
  'users.stop': ['POST', 'stop', 50],
  'history.list': ['GET', 'history', 2],
  'messages.list': ['GET', 'messages', 5],
  'messages.get': ['GET', 'messages/*', 5],
  'messages.send': ['POST', 'messages/send', 100],
  'messages.batchModify': ['POST', 'messages/batchModify', 50],
  'messages.modify': ['POST', 'messages/*/modify', 5],
  'messages.trash': ['POST', 'messages/*/trash', 5],
  'messages.untrash': ['POST', 'messages/*/untrash', 5],
  'messages.delete': ['DELETE', 'messages/*', 10],
  'attachments.get': ['GET', 'messages/*/attachments/*', 5],
  'threads.list': ['GET', 'threads', 10],
  'threads.get': ['GET', 'threads/*', 10],
  'threads.modify': ['POST', 'threads/*/modify', 10],
  'threads.trash': ['POST', 'threads/*/trash', 10],
  'threads.untrash': ['POST', 'threads/*/untrash', 10],
  'labels.list': ['GET', 'labels', 1],
  'labels.create': ['POST', 'labels', 5],
  'drafts.list': ['GET', 'drafts', 5],
  'drafts.create': ['POST', 'drafts', 10],
  'drafts.send': ['POST', 'drafts/send', 100],
  'drafts.get': ['GET', 'drafts/*', 5],
  'drafts.update': ['PUT', 'drafts/*', 15],
  'drafts.delete': ['DELETE', 'drafts/*', 10],
}

const patterns = Object.entries(routes).map(([operation, [method, path]]) => ({
  operation: operation as SimulatedGmailOperation,
  method,
  pattern: new RegExp(`^/gmail/v1/users/([^/]+)/${path.replaceAll('*', '([^/]+)')}$`),
}))

export const unitsOf = (operation: SimulatedGmailOperation): number => routes[operation][2]

/**
 * Returns the operation of a request. Undefined: the simulator does not have it.
 * @param user the address of the mailbox
 */
export function gmailCallOf(request: Request, user: string): GmailCall | undefined {
  const { pathname, searchParams: parameters } = new URL(request.url)
  if (parameters.has('fields')) return undefined
  for (const { operation, method, pattern } of patterns) {
    const [path, owner = '', id = '', innerId = ''] = pattern.exec(pathname) ?? []
    if (method !== request.method || path === undefined) continue
    if (owner !== 'me' && decoded(owner) !== user) return undefined
    return { operation, id: decoded(id), innerId: decoded(innerId), parameters, request }
  }
  return undefined
}

/** Returns a segment of a path as text, or as it is if it is not encoded properly. */
function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

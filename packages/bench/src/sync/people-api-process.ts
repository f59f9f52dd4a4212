import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveRequests } from '../processes/serve-requests.ts'

// Google's list of contacts, of any length. Its pages are computed, so their number costs no memory here either.

const MAX_PAGE_SIZE = 1000

const contactOf = (index: number) => ({
  resourceName: `people/c${index}`,
  etag: `%${index}`,
  metadata: {
    sources: [{ type: 'CONTACT', id: String(index), etag: `#${index}`, updateTime: '2026-11-02T14:10:00Z' }],
  },
  names: [{ givenName: `Given${index}`, familyName: `Family${index}`, displayName: `Given${index} Family${index}` }],
  emailAddresses: [{ value: `person${index}@example.com`, type: 'work' }],
  phoneNumbers: [{ value: `+1 555 ${String(index).padStart(7, '0')}`, type: 'mobile' }],
  organizations: [{ name: `Company ${index % 1000}`, title: 'Engineer' }],
  memberships: [{ contactGroupMembership: { contactGroupResourceName: 'contactGroups/myContacts' } }],
})

function pageOf(contacts: number, { searchParams }: URL): unknown {
  if (searchParams.has('syncToken')) return { nextSyncToken: 'now' }
  const from = Number(searchParams.get('pageToken') ?? 0)
  const to = Math.min(from + Math.min(MAX_PAGE_SIZE, Number(searchParams.get('pageSize') ?? 100)), contacts)
  const connections = Array.from({ length: to - from }, (_, index) => contactOf(from + index))
  return { connections, ...(to < contacts ? { nextPageToken: String(to) } : { nextSyncToken: 'now' }) }
}

serveRequests({
  listen: ({ contacts }: { readonly contacts: number }) =>
    new Promise<string>((resolve) => {
      const server = createServer((request, response) => {
        const url = new URL(request.url ?? '', 'http://localhost')
        const isPage = request.method === 'GET' && url.pathname.endsWith('/connections')
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(isPage ? pageOf(contacts, url) : {}))
      })
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/`)
      })
    }),
})

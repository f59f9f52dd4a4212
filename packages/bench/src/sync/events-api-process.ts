import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serveRequests } from '../processes/serve-requests.ts'

// A calendar of any size. Its events are computed for each page, so their number costs no memory here either.

const PAGE_SIZE = 250

const eventOf = (index: number) => ({
  id: `event${index}`,
  etag: `"${index}"`,
  title: `Event ${index} of a calendar`,
  description: `An event with a text of the usual length, number ${index}. `.repeat(5),
  location: `Room ${index % 100}`,
  start: { dateTime: '2026-11-02T14:10:00', timeZone: 'America/New_York' },
  end: { dateTime: '2026-11-02T14:40:00', timeZone: 'America/New_York' },
})

/** Returns one page: of everything, or with `since` of the changes after that, which are none. */
function pageOf(events: number, url: URL): unknown {
  if (url.searchParams.has('since')) return { changed: [], checkpoint: 'now' }
  const from = Number(url.searchParams.get('page') ?? 0)
  const to = Math.min(from + PAGE_SIZE, events)
  const changed = Array.from({ length: to - from }, (_, index) => eventOf(from + index))
  return { changed, ...(to < events ? { page: String(to) } : { checkpoint: 'now' }) }
}

serveRequests({
  listen: ({ events }: { readonly events: number }) =>
    new Promise<string>((resolve) => {
      const server = createServer((request, response) => {
        const url = new URL(request.url ?? '', 'http://localhost')
        const isPage = request.method === 'GET' && url.pathname === '/events'
        response.setHeader('content-type', 'application/json')
        response.end(JSON.stringify(isPage ? pageOf(events, url) : {}))
      })
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
      })
    }),
  pageSize: () => PAGE_SIZE,
})

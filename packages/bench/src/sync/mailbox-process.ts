import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@mcpclient/core'
import { seededRandom } from '@mcpclient/testing'
import { simulatedGmail } from '@mcpclient/testing/simulators'
import type { SimulatedGmail } from '@mcpclient/testing/simulators'
import { serveRequests } from '../processes/serve-requests.ts'
import { TOKEN } from './synced-connectors.ts'

// A simulated Gmail mailbox over HTTP, which counts the units of its quota.

let gmail: SimulatedGmail | undefined

serveRequests({
  listen: ({ messages }: { readonly messages: number }) => {
    const mailbox = simulatedGmail({ clock: systemClock, random: seededRandom(1), accessToken: TOKEN })
    for (let index = 0; index < messages; index++) mailbox.receive({ subject: `Message ${index}`, text: 'Text' })
    gmail = mailbox
    return new Promise<string>((resolve) => {
      const server = createServer((request, response) => {
        const { method = 'GET', headers } = request
        const authorization = headers.authorization ?? ''
        void mailbox
          .handle(
            new Request(`https://gmail.googleapis.com${request.url ?? ''}`, { method, headers: { authorization } }),
          )
          .then(async (result) => {
            response.writeHead(result.status, { 'content-type': 'application/json' })
            response.end(await result.text())
          })
      })
      server.listen(0, '127.0.0.1', () => {
        resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/gmail/v1/`)
      })
    })
  },
  units: () => gmail?.units ?? 0,
})

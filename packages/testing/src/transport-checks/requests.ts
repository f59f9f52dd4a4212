import { must, mustBe } from '../broken-promise.ts'
import { transportCheck } from './transport-check.ts'
import type { TransportCheck } from './transport-check.ts'

export const requests: readonly TransportCheck[] = [
  transportCheck(
    'method, target, headers and a text body arrive as they were given',
    (_request, response) => response.end('ok'),
    async ({ send, received }) => {
      const headers = { 'x-mark': 'm', 'content-type': 'text/plain' }
      const response = await send('/a?b=c%20d&e=%2F', { method: 'PATCH', headers, body: 'hällo' })
      mustBe(await response.text(), 'ok', 'The response must arrive.')
      const [request] = received
      mustBe(request?.method, 'PATCH', 'The method must arrive.')
      mustBe(request?.target, '/a?b=c%20d&e=%2F', 'The path and the query must arrive as they were given.')
      mustBe(request?.headers['x-mark'], 'm', 'Headers must arrive.')
      mustBe(request?.headers['content-type'], 'text/plain', 'A given content type must arrive unchanged.')
      mustBe(request?.body.toString(), 'hällo', 'A text body must arrive in UTF-8.')
    },
  ),
  transportCheck(
    'bytes and multipart bodies arrive',
    (_request, response) => response.end(),
    async ({ send, received }) => {
      const data = new FormData()
      data.append('file', new Blob(['inside'], { type: 'text/x-mark' }), 'a.txt')
      await (await send('/', { method: 'POST', body: new Uint8Array([0, 255, 10]) })).text()
      await (await send('/', { method: 'POST', body: data })).text()
      const [bytes, multipart] = received
      mustBe(bytes?.body.toString('hex'), '00ff0a', 'Bytes must arrive unchanged.')
      const type = multipart?.headers['content-type'] ?? ''
      must(/^multipart\/form-data; *boundary=/.test(type), 'FormData must be sent as multipart with a boundary.')
      must(multipart?.body.includes('inside') === true, 'The content of a part must arrive.')
    },
  ),
  transportCheck(
    'request headers are trimmed, and response headers are found in lower case',
    (_request, response) => response.writeHead(200, { 'X-ReQuest-Id': '7' }).end(),
    async ({ send, received }) => {
      const response = await send('/', { headers: { 'X-Mark': ' m\t', 'x-inner': 'a b' } })
      await response.text()
      mustBe(received[0]?.headers['x-mark'], 'm', 'Whitespace around a value is not part of it.')
      mustBe(received[0]?.headers['x-inner'], 'a b', 'Whitespace inside a value is part of it.')
      mustBe(response.headers.get('x-request-id'), '7', 'A response header must be found by its lower-case name.')
      mustBe(response.headers.get('x-absent'), null, 'get must return null for a header that is absent.')
    },
  ),
  transportCheck(
    'repeated response headers are joined by a comma and a space',
    (_request, response) =>
      response
        .writeHead(
          200,
          [
            ['link', '<a>'],
            ['link', '<b>'],
          ].flat(),
        )
        .end(),
    async ({ send }) => {
      const response = await send('/')
      await response.text()
      mustBe(response.headers.get('link'), '<a>, <b>', 'Values of one name must be joined.')
    },
  ),
  transportCheck(
    'a fragment is never sent',
    (_request, response) => response.end(),
    async ({ send, received }) => {
      for (const path of ['/a#part', '/a?b=c#part', '#part']) await (await send(path)).text()
      const targets = received.map(({ target }) => target)
      mustBe(targets, ['/a', '/a?b=c', '/'], 'The fragment must be left out of the request.')
    },
  ),
  transportCheck(
    'characters that a URL cannot hold are escaped, and dot segments are resolved',
    (_request, response) => response.end(),
    async ({ send, received }) => {
      for (const path of ['/a b/ü?q=ü"', '/a/../b', '/a/%2e%2e/b']) await (await send(path)).text()
      const targets = received.map(({ target }) => target)
      mustBe(targets, ['/a%20b/%C3%BC?q=%C3%BC%22', '/b', '/b'], 'URLs must be sent as the URL standard writes them.')
    },
  ),
  transportCheck(
    'redirects are not followed',
    ({ target }, response) =>
      response.writeHead(Number(target.slice(1)) || 200, { location: '/elsewhere#frag' }).end('moved'),
    async ({ send, received }) => {
      for (const status of [300, 301, 302, 303, 307, 308]) {
        const response = await send(`/${status}`)
        mustBe(response.status, status, 'A redirect is a response.')
        mustBe(response.headers.get('location'), '/elsewhere#frag', 'The location must be readable.')
        await response.text()
      }
      mustBe(received.length, 6, 'No redirect may be followed.')
    },
  ),
  transportCheck(
    'every final status is a response, and 1xx is not',
    ({ target }, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.writeHead(Number(target.slice(1))).end('words')
    },
    async ({ send }) => {
      for (const status of [200, 201, 400, 401, 404, 429, 500, 503]) {
        const response = await send(`/${status}`).catch(() => undefined)
        must(response?.status === status, 'send must resolve with every final status.')
        mustBe(await response.text(), 'words', 'The body of an error must be readable.')
      }
    },
  ),
  transportCheck(
    'a request that the server drops is not sent again',
    (_request, _response, { socket }) => socket.destroy(),
    async ({ send, received }) => {
      await send('/').catch(() => undefined)
      await send('/', { method: 'POST', body: '{}' }).catch(() => undefined)
      mustBe(received.length, 2, 'Retrying belongs in the pipeline, which knows the effect of a call.')
    },
  ),
]

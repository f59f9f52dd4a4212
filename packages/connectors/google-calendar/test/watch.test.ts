import type { Delivery, RequestSpec, UnverifiedDelivery } from '@mcpclient/core/define'
import { createFakeClock, seededRandom } from '@mcpclient/testing'
import { simulatedGoogleCalendar } from '@mcpclient/testing/simulators'
import { expect, it } from 'vitest'
import { googleCalendar } from '../src/index.ts'
import { eventChannels } from '../src/sync.ts'
import { TOKEN } from './sync-scene.ts'

const SECRETS = ['channel-secret-of-the-host'] as const
const { verify, read, subscribe } = eventChannels

/** Verifies and reads a notification, as a host does. */
async function received(request: Request): Promise<unknown> {
  const header = (name: string) => request.headers.get(name) ?? undefined
  const bytes = new Uint8Array(await request.arrayBuffer())
  const delivery: UnverifiedDelivery = { method: request.method, url: request.url, bytes, now: 0, header }
  const verdict = await verify.verify(delivery, SECRETS)
  if (!verdict.verified) return verdict
  const opened: Pick<Delivery, 'header'> = { header: (name) => header(name) ?? '' }
  return read(opened as Delivery)
}

it('wakes the sync of the calendar that changed, and of no other (W18, W19)', async () => {
  const clock = createFakeClock()
  const readings: unknown[] = []
  const google = simulatedGoogleCalendar({
    clock,
    random: seededRandom(7),
    accessToken: TOKEN,
    async deliver(request) {
      readings.push(await received(request))
      return new Response(null, { status: 204 })
    },
  })
  const send = async (spec: RequestSpec | undefined) => {
    const response = await google.handle(
      new Request(`https://www.googleapis.com/calendar/v3/${spec?.path}`, {
        method: spec?.method ?? '',
        headers: { authorization: `Bearer ${TOKEN}` },
        body: JSON.stringify(spec?.body?.kind === 'json' ? spec.body.value : undefined),
      }),
    )
    return { status: response.status, body: response.status === 204 ? undefined : await response.json() }
  }

  const id = '0b7f2c5e-9a0e-4c58-8f7c-6f0f3c1a2b3d'
  const token = (await verify.issueToken?.(id, SECRETS)) ?? ''
  const expiresAt = clock.now() + (subscribe?.lifeMs ?? 0)
  const params = { calendarId: 'primary', sendUpdates: 'none' } as const
  const address = 'https://app.example/hooks/calendar'
  const { body } = await send(subscribe?.create({ id, token, address, expiresAt, params }, { settings: {} }))
  const created = subscribe?.created.safeParse(body)
  expect(created).toMatchObject({ success: true, data: { expiresAt } })

  await clock.advance(5000)
  await google.insert({ id: 'egret', start: { date: '2026-11-05' }, end: { date: '2026-11-06' } })
  await clock.advance(5000)
  const [first, second] = readings
  expect(first).toHaveProperty('ignore')
  expect(second).toMatchObject({ to: { channel: id }, sync: 'events' })

  // Another secret of the host is another channel's.
  expect(
    await verify.verify({ method: 'POST', url: address, bytes: new Uint8Array(), now: 0, header: () => token }, [
      'other',
    ]),
  ).toMatchObject({
    verified: false,
  })

  const handle = created?.success === true ? (created.data.handle ?? '') : ''
  expect((await send(subscribe?.stop?.({ id, handle }))).status).toBe(204)
  expect(google.channels()).toEqual([])
})

it('belongs to the connector', () => {
  expect(googleCalendar({ token: TOKEN }).webhook).toBe(eventChannels)
})

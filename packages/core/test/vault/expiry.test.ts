import { expect, it } from 'vitest'
import { keyOf, keyService } from './key-service.ts'

const DAY = 24 * 3_600_000

const setUp = async (days: number, expiryWarningDays?: readonly number[]) => {
  const service = keyService(expiryWarningDays && { expiryWarningDays })
  const { ada, clock, issue, events } = service
  await ada.keys.connect(issue('first'), { expiresAt: new Date(clock.now() + days * DAY) })
  const warnings = () => events.flatMap(({ name, data }) => (name === 'credential.expiring' ? [data] : []))
  return { ...service, warnings, call: () => ada.keys.call('read_note', {}) }
}

it('emits an event for an expiring key once for each threshold, when the key is used', async () => {
  const { warnings, call, clock } = await setUp(40)
  await call()
  expect(warnings()).toEqual([])
  const eventNames: number[] = []
  for (let day = 1; day <= 41; day++) {
    await clock.advance(DAY)
    const before = warnings().length
    await call()
    await call()
    if (warnings().length > before) eventNames.push(40 - day)
  }
  expect(eventNames).toEqual([30, 7, 1])
  expect(warnings().at(0)).toMatchObject({ role: 'current', daysLeft: 30, serverId: 'keys', tenant: 'ada' })
})

it('emits an event for an unused key from maintain()', async () => {
  const { warnings, mcp, clock } = await setUp(5)
  expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ warned: 1 })
  expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ warned: 0 })
  await clock.advance(4 * DAY)
  expect(await mcp.vault.maintain({ everything: true })).toMatchObject({ warned: 1 })
  expect(warnings()).toMatchObject([{ daysLeft: 5 }, { daysLeft: 1 }])
})

it('emits each event once across all processes', async () => {
  const { warnings, call, compose } = await setUp(5)
  const other = compose().as('ada')
  await Promise.all([call(), other.keys.call('read_note', {}), call(), other.keys.call('read_note', {})])
  expect(warnings()).toHaveLength(1)
})

it('emits events on the days that the host configured', async () => {
  const { warnings, call, clock } = await setUp(40, [3])
  await clock.advance(35 * DAY)
  await call()
  expect(warnings()).toEqual([])
  await clock.advance(2 * DAY)
  await call()
  expect(warnings()).toMatchObject([{ daysLeft: 3 }])
})

it('emits events for an expiring backup, and starts again after a rotation', async () => {
  const { warnings, call, clock, ada, issue } = await setUp(5)
  await ada.keys.setBackup(issue('spare'), { expiresAt: new Date(clock.now() + DAY) })
  await call()
  expect(warnings()).toMatchObject([{ role: 'current' }, { role: 'backup', daysLeft: 1 }])
  await ada.keys.rotate(issue('second'), { expiresAt: new Date(clock.now() + 6 * DAY) })
  await call()
  expect(warnings().slice(2)).toMatchObject([{ role: 'current', daysLeft: 6 }])
})

it('uses an expired key, and reports needs_reauth once it is refused', async () => {
  const { call, clock, ada, end } = await setUp(5)
  await clock.advance(6 * DAY)
  expect(await call()).toEqual({ with: keyOf('first') })
  end('first')
  await expect(call()).rejects.toMatchObject({ code: 'MCP_AUTHENTICATION_FAILURE' })
  const { reason, hint } = await ada.keys.status()
  expect(reason).toBe('credential_refused')
  expect(hint).toContain('has expired')
})

it('does not fail a call if the store is down when a warning is due', async () => {
  const { call, store, warnings } = await setUp(5)
  const put = store.put.bind(store)
  store.put = () => Promise.reject(new Error('the disk is full'))
  expect(await call()).toEqual({ with: keyOf('first') })
  expect(warnings()).toEqual([])
  store.put = put
  await call()
  expect(warnings()).toHaveLength(1)
})

import { envelope } from './notes.ts'
import type { WitnessedClient } from './witness.ts'

/** Runs every operation on a connection, one after the other. */
export async function operate({ attempt, mcp, client }: WitnessedClient, reason: string): Promise<void> {
  const notes = client('notes')
  for (const name of ['read_note', 'count_words', 'write_note']) {
    await attempt(`call of ${name}`, () => notes.invoke(name, { text: 'Heron' }))
    await attempt('envelope', () => mcp.handle(envelope(name, { text: 'Heron' }), 'ada'))
  }
  await attempt('health', () => notes.health())
  await attempt('status', () => notes.status())
  await attempt('isConnected', () => notes.isConnected())
  await attempt('list', () => mcp.vault.list({ tenant: 'ada' }))
  await attempt('maintain', () => mcp.vault.maintain({ everything: true }))
  await attempt('rotation of the keys', () => mcp.vault.rotateKeys())
  await attempt('migration', () =>
    mcp.vault.migrate({ from: { serverId: 'old' }, to: { serverId: 'notes' }, tenant: 'ada' }),
  )
  await attempt('revocation', () => mcp.vault.revoke({ tenant: 'ada', reason }))
  await attempt('status once revoked', () => notes.status())
  await attempt('giving up', () => notes.disconnect())
}

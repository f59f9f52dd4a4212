import type { StoreWrite } from '@mcpclient/core'

/** The properties of a row that distinguish two writes of it. */
interface State {
  readonly life?: number
  readonly intent?: { readonly kind: string }
  readonly dead?: boolean
  readonly remote?: object
  readonly local?: object
  readonly since?: string
  readonly round?: {
    readonly phase: string
    readonly page?: string
    readonly local?: string
    readonly released?: boolean
  }
}

/**
 * Names a write of the state by its row and its step. The name is the same when another process makes the write again:
 * it contains no number of a round, no time and no sealed value.
 */
export function labelOfWrite(write: StoreWrite): string {
  const [, , , kind = '', ...rest] = write.key.split('/')
  // Staged removals are kept by the number of the round.
  const row = [kind, ...(kind === 'd' ? rest.slice(1) : rest)].join('/')
  if ('delete' in write) return `${row} delete`
  if (kind !== 'm' && kind !== 'place') return `${row} put`
  const { life, intent, dead, remote, local, since, round } = JSON.parse(write.value) as State
  if (kind === 'm') return `${row} ${life} ${intent?.kind} ${dead} ${remote !== undefined} ${local !== undefined}`
  const page = round?.page?.split('/')[0]
  return `${row} ${since?.split('/')[0]} ${round?.phase} ${page} ${round?.local} ${round?.released}`
}

/** Spreads labels evenly (FNV-1a). */
export function shareOf(label: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < label.length; at++) hash = Math.imul(hash ^ label.charCodeAt(at), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}

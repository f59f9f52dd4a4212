import { MAX_WAIT_MS } from './reset-time.ts'

/** Limits that a provider reports as used shares, not as remaining requests. */
export interface Usage {
  /** The largest used share of a quota, from 0 to 1. */
  readonly share?: number | undefined
  readonly remaining?: number | undefined
  /** Milliseconds until an exhausted quota opens again. */
  readonly regainMs?: number | undefined
}

const PERCENTAGES = new Set(['call_count', 'total_cputime', 'total_time', 'acc_id_util_pct'])
/** In minutes; 0 while the quota is not exhausted. */
const REGAIN_MINUTES = 'estimated_time_to_regain_access'

/**
 * Parses a usage header, detecting its format: Meta's JSON of percentages (`X-App-Usage`, `X-Business-Use-Case-Usage`),
 * Salesforce's `api-usage=18/5000` (`Sforce-Limit-Info`), or Microsoft Graph's share (`x-ms-throttle-limit-percentage`,
 * where 0.8 is 80 %).
 */
export function readUsage(text: string): Usage {
  if (text.startsWith('{')) return jsonUsage(text)
  const [, used, total] = /(?:^|[;,\s])api-usage=(\d{1,15})\/(\d{1,15})/.exec(text) ?? []
  if (used !== undefined && total !== undefined) {
    const share = Number(total) > 0 ? Number(used) / Number(total) : undefined
    return { share, remaining: Math.max(Number(total) - Number(used), 0) }
  }
  return /^\d{1,3}(?:\.\d{1,9})?$/.test(text) ? { share: Number(text) } : {}
}

function jsonUsage(text: string): Usage {
  let share: number | undefined
  let regainMs: number | undefined
  for (const [name, number] of numbersIn(text)) {
    if (PERCENTAGES.has(name)) share = Math.max(share ?? 0, number / 100)
    const ms = number * 60_000
    if (name === REGAIN_MINUTES && ms > 0) regainMs = Math.max(regainMs ?? 0, Math.min(ms, MAX_WAIT_MS))
  }
  return { share, regainMs }
}

/** Returns every number in a JSON string with its field name, or nothing if the string is not JSON. */
function numbersIn(text: string): readonly (readonly [name: string, number: number])[] {
  const numbers: (readonly [string, number])[] = []
  const pending: unknown[] = [readJson(text)]
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    for (const [name, inner] of Object.entries(value ?? {})) {
      if (typeof inner === 'number') numbers.push([name, inner])
      else if (typeof inner === 'object' && inner !== null) pending.push(inner)
    }
  }
  return numbers
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

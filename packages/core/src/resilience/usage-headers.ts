import { LONGEST_WAIT_MS } from './reset-time.ts'

/** What a provider says about its limits as shares used, rather than as requests left. */
export interface Usage {
  /** Share of the quota that is used, 1 being all: the greatest of those named. */
  readonly share?: number | undefined
  readonly remaining?: number | undefined
  /** Milliseconds until a quota that is used up opens again. */
  readonly regainMs?: number | undefined
}

/** Meta: percentages in JSON, by account and kind of use. */
const JSON_HEADERS = ['x-app-usage', 'x-business-use-case-usage', 'x-ad-account-usage', 'x-page-usage']
const PERCENTAGES = new Set(['call_count', 'total_cputime', 'total_time', 'acc_id_util_pct'])
/** In minutes, and 0 unless the quota is used up. */
const REGAIN_MINUTES = 'estimated_time_to_regain_access'

/**
 * Reads the headers of Meta (`X-App-Usage`, `X-Business-Use-Case-Usage`, `X-Ad-Account-Usage`), Salesforce
 * (`Sforce-Limit-Info`) and Microsoft Graph (`x-ms-throttle-limit-percentage`).
 * @param header the value of a header by its lower-case name
 */
export function readUsage(header: (name: string) => string | undefined): Usage {
  const salesforce = /(?:^|[;,\s])api-usage=(\d{1,15})\/(\d{1,15})/.exec(header('sforce-limit-info') ?? '')
  if (salesforce !== null) {
    const [used, total] = [Number(salesforce[1]), Number(salesforce[2])]
    return { share: total > 0 ? used / total : undefined, remaining: Math.max(total - used, 0) }
  }
  const graph = header('x-ms-throttle-limit-percentage') ?? ''
  if (/^\d{1,3}(?:\.\d{1,9})?$/.test(graph)) return { share: Number(graph) }
  let share: number | undefined
  let regainMs: number | undefined
  for (const name of JSON_HEADERS) {
    for (const [key, number] of numbersIn(header(name))) {
      if (PERCENTAGES.has(key)) share = Math.max(share ?? 0, number / 100)
      const ms = number * 60_000
      if (key === REGAIN_MINUTES && ms > 0 && ms <= LONGEST_WAIT_MS) regainMs = Math.max(regainMs ?? 0, ms)
    }
  }
  return { share, regainMs }
}

/** Every number in a JSON text with the name it has there; nothing if it is no JSON. */
function numbersIn(text: string | undefined): readonly (readonly [name: string, number: number])[] {
  if (text === undefined) return []
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

import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** One exchange as it went over the wire. */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly status: number
  readonly responseBody?: unknown
}

export interface VendorContract {
  /** Returns the findings of Google's own description. `op` is null if it does not describe the request. */
  check(exchange: Exchange): { readonly op: string | null; readonly problems: readonly string[] }
}

/** Loads Google's description of the API from the folder beside the repository. Undefined: this machine has none. */
async function loadContract(): Promise<VendorContract | undefined> {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'shared', 'contracts', 'check.mjs'))) {
    if (folder === dirname(folder)) return undefined
    folder = dirname(folder)
  }
  await Promise.all([import('ajv'), import('ajv-formats')])
  process.env['AJV_FROM'] = join(import.meta.dirname, '../../..')
  const checker = (await import(pathToFileURL(join(folder, 'shared', 'contracts', 'check.mjs')).href)) as {
    load(name: string): Promise<VendorContract>
  }
  return checker.load('google-calendar')
}

export const vendorContract = await loadContract()

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** One exchange as it went over the wire. */
export interface Exchange {
  readonly method: string
  readonly url: string
  readonly requestBody?: unknown
  readonly status: number
  readonly responseBody?: unknown
}

export interface VendorContract {
  /** Returns the findings of the vendor's own description. `op` is null if it does not describe the request. */
  check(exchange: Exchange): { readonly op: string | null; readonly problems: readonly string[] }
}

/**
 * Returns the folder of the vendors' API descriptions, which are test data beside the repository.
 * @returns undefined on a machine without them
 */
export function vendorContracts(): string | undefined {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const contracts = join(folder, 'shared', 'contracts')
    if (existsSync(join(contracts, 'check.mjs'))) return contracts
    if (folder === dirname(folder)) return undefined
  }
}

/** Compiling a description takes seconds, so each test file does it once. */
const loaded = new Map<string, Promise<VendorContract>>()

/** Loads one description, once. */
export function loadVendorContract(folder: string, name: string): Promise<VendorContract> {
  const path = join(folder, name)
  const contract = loaded.get(path) ?? load(folder, name)
  loaded.set(path, contract)
  return contract
}

/** Compiles one description. The checker takes ajv from this package; an import that fails names it if it is absent. */
async function load(folder: string, name: string): Promise<VendorContract> {
  await Promise.all([import('ajv'), import('ajv-formats')])
  process.env['AJV_FROM'] = join(import.meta.dirname, '..')
  const checker = (await import(pathToFileURL(join(folder, 'check.mjs')).href)) as {
    load(name: string): Promise<VendorContract>
  }
  return checker.load(name)
}

/**
 * Loads the schemas of one OpenAPI description, for values that are no body of an operation.
 * @returns a function that returns the findings about a value at a path, such as `components/schemas/Task`
 */
export async function loadVendorSchemas(
  folder: string,
  name: string,
): Promise<(path: string, value: unknown) => readonly string[]> {
  const { Ajv2020 } = await import('ajv/dist/2020.js')
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  const { components } = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as { components: object }
  ajv.addSchema({ $id: 'description', components })
  return (path, value) => {
    const validate = ajv.compile({ $ref: `description#/${path}` })
    return validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
  }
}

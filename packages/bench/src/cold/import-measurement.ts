import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

export interface ImportCost {
  /** Milliseconds from the start of the import to its end. */
  readonly ms: number
  /** Megabytes by which the process grew. */
  readonly rssMb: number
  /** Globals of the platform that were touched on the way, out of those that load something. */
  readonly touched: readonly string[]
}

/** Globals that Node loads when they are first touched, which costs more than most packages. */
const lazy = ['fetch', 'Request', 'Response', 'Headers', 'FormData', 'WebSocket', 'EventSource', 'crypto']

// JavaScript, because stripping types would be measured as well.
const script = `
const [specifier, ...lazy] = process.argv.slice(1)
const touched = new Set()
for (const name of lazy) {
  const own = Object.getOwnPropertyDescriptor(globalThis, name)
  if (own === undefined) continue
  const get = () => {
    touched.add(name)
    Object.defineProperty(globalThis, name, own)
    return globalThis[name]
  }
  Object.defineProperty(globalThis, name, { configurable: true, enumerable: own.enumerable, get })
}
const before = process.memoryUsage().rss
const began = performance.now()
await import(specifier)
const ms = performance.now() - began
const rssMb = (process.memoryUsage().rss - before) / 1e6
process.stdout.write(JSON.stringify({ ms, rssMb, touched: [...touched] }))
`

/**
 * Imports a package in a new process and returns the cost.
 * @param options.folder the owner of the `node_modules`
 * @param options.compileCache a folder in which Node caches compiled code. The first import into an empty one fills it.
 */
export async function measureImport(
  specifier: string,
  options: { readonly folder: string; readonly compileCache?: string | undefined },
): Promise<ImportCost> {
  const { NODE_COMPILE_CACHE: _, ...env } = process.env
  const asked = ['--input-type=module', '--eval', script, '--', specifier, ...lazy]
  const { stdout } = await promisify(execFile)(process.execPath, asked, {
    cwd: options.folder,
    env: {
      ...env,
      NODE_OPTIONS: '',
      ...(options.compileCache !== undefined && { NODE_COMPILE_CACHE: options.compileCache }),
    },
  })
  return JSON.parse(stdout) as ImportCost
}

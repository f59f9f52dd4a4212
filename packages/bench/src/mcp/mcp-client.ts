import { join } from 'node:path'

/** How the server is reached: at an address, or as a program. */
export type Reach = { readonly url: string } | { readonly command: string; readonly args: readonly string[] }

/** Connects, and returns what makes one `tools/call` of the tool `echo`. */
export type OpenMcpClient = (reach: Reach) => Promise<() => Promise<unknown>>

export const stdioServer: Reach = {
  command: process.execPath,
  args: [join(import.meta.dirname, 'stdio-server-process.ts')],
}

/** What is said, and has to come back. */
export const TEXT = 'A message of ordinary length.'

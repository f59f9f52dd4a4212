import { join } from 'node:path'

/** The connection to the server: a URL or a program. */
export type Reach = { readonly url: string } | { readonly command: string; readonly args: readonly string[] }

/** Connects, and returns a function that makes one `tools/call` of the tool `echo`. */
export type OpenMcpClient = (reach: Reach) => Promise<() => Promise<unknown>>

export const stdioServer: Reach = {
  command: process.execPath,
  args: [join(import.meta.dirname, 'stdio-server-process.ts')],
}

/** The text that the tool has to return. */
export const TEXT = 'A message of ordinary length.'

import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { createEmulator } from 'emulate'

/** Returns the entry file of an installed package, so nothing is downloaded or searched on the PATH. */
export const everythingServer = fileURLToPath(
  import.meta.resolve('@modelcontextprotocol/server-everything/dist/index.js'),
)
export const filesystemServer = fileURLToPath(
  import.meta.resolve('@modelcontextprotocol/server-filesystem/dist/index.js'),
)

export interface HttpPeer {
  readonly url: string
  readonly process: ChildProcess
  close(): Promise<void>
}

/** Starts the reference MCP server over Streamable HTTP in a child process. */
export async function startEverythingServer(): Promise<HttpPeer> {
  const port = await freePort()
  const child = spawn(process.execPath, [everythingServer, 'streamableHttp'], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.includes('listening')) resolve()
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The MCP server exited with ${String(code)}: ${said}`)))
  })
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    process: child,
    close: () => ended(child),
  }
}

/** Starts a local Slack emulator. */
export async function startSlack(): Promise<{ readonly url: string; close(): Promise<void> }> {
  const slack = await createEmulator({ service: 'slack', port: await freePort() })
  return { url: slack.url, close: () => slack.close() }
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill()
  await gone
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** `@mcpclient/mcp/stdio`: MCP servers that are programs on this machine. Needs Node or a compatible runtime. */
import { ConnectorError } from '@mcpclient/core'
import type { CustomConnector } from '@mcpclient/core'
import { noAuth } from '@mcpclient/core/define'
import type { McpServerTypes } from './client/mcp-server-types.ts'
import { serverConnector } from './client/server-connector.ts'
import { McpServerClient } from './mcp-server-client.ts'
import type { ServerOptions } from './options.ts'
import type { Versions } from './protocol/link.ts'
import { DEFAULT_MAX_MESSAGE_BYTES, serverContext } from './session/server-context.ts'
import { environmentOf } from './stdio/environment.ts'
import { processLink } from './stdio/process-link.ts'

/** A program may have to be installed before it starts. */
const DEFAULT_CONNECT_TIMEOUT_MS = 60_000

export interface ProcessServerOptions extends ServerOptions {
  /** The program: `npx`, `uvx`, `docker`, a path. No shell interprets it. */
  readonly command: string
  readonly args?: readonly string[] | undefined
  /**
   * The program's working directory.
   * @default the working directory of this process
   */
  readonly cwd?: string | undefined
  /** Variables for the program. It gets these, `PATH`, `HOME` and a few more, and nothing else of this process. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Names of variables of this process that the program may see as well. */
  readonly inheritEnv?: readonly string[] | undefined
  /**
   * Whether the program ends even if this process is killed with SIGKILL, for example by the out-of-memory killer. Costs
   * a small shell process next to the program. POSIX only.
   * @default false
   */
  readonly watchdog?: boolean | undefined
  /**
   * Whether to start a program again that exited by itself, when it is next needed.
   * @default true
   */
  readonly restart?: boolean | undefined
  /**
   * The protocol revisions to speak. Every program understands `legacy`. With `auto`, a program that exits because of
   * the probe is started a second time.
   * @default 'legacy'
   */
  readonly versions?: Versions | undefined
}

/** A shorter value is no secret, and would be redacted in any text. */
const MIN_SECRET_LENGTH = 8

/**
 * Creates a connector for an MCP server that is a program on this machine, over its standard input and output.
 *
 * The program starts with the first call. It ends, with all processes that it started, when it is idle or the client
 * closes.
 * @throws ConnectorError CONFIGURATION_ERROR if the options are invalid
 */
export function mcpProcess(options: ProcessServerOptions): CustomConnector<McpServerTypes, McpServerClient> {
  const { command, args = [], cwd, env = {}, inheritEnv = [], restart = true, watchdog = false } = options
  assertStartable(options)
  const { id = 'mcp-process', name = command, description, timeoutMs } = options
  const link = processLink({
    command,
    args,
    cwd,
    env: environmentOf(env, inheritEnv),
    watchdog,
    versions: options.versions ?? 'legacy',
    maxMessageBytes: options.maxMessageBytes ?? DEFAULT_MAX_MESSAGE_BYTES,
    secrets: [...Object.values(env), ...inheritEnv.map((each) => process.env[each] ?? '')].filter(
      (value) => value.length >= MIN_SECRET_LENGTH,
    ),
  })
  return serverConnector({
    profile: { id, name, description, auth: noAuth, timeoutMs },
    appCredential: {},
    // A placeholder: a program has no address, and no request is sent to this one.
    baseUrl: 'http://localhost/',
    server: serverContext(options, link, { connectTimeoutMs: DEFAULT_CONNECT_TIMEOUT_MS, restarts: restart }),
    open: (host, pool) => new McpServerClient(host, pool),
  })
}

/** Refuses options with which no process can start. */
function assertStartable({ command, args = [], env = {}, watchdog }: ProcessServerOptions): void {
  const isString = (value: unknown) => typeof value === 'string' && !value.includes('\0')
  const fault =
    !isString(command) || command.trim() === ''
      ? 'command is not the name of a program'
      : !Array.isArray(args) || !args.every(isString)
        ? 'args is not a list of strings'
        : !Object.values(env).every(isString)
          ? 'env holds a value that is not a string'
          : watchdog === true && process.platform === 'win32'
            ? 'watchdog does not work on Windows'
            : undefined
  if (fault === undefined) return
  throw new ConnectorError('CONFIGURATION_ERROR', `The options of an MCP program are invalid: ${fault}.`, {
    hint: "Pass command: 'npx' and args: ['-y', 'some-server'], for example.",
  })
}

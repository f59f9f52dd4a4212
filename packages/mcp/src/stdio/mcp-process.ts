import { ConnectorError } from '@mcpclient/core'
import type { CustomConnector } from '@mcpclient/core'
import { noAuth } from '@mcpclient/core/define'
import type { McpServerClient } from '../mcp-server-client.ts'
import type { McpServerTypes } from '../mcp-server-types.ts'
import { serverConnector } from '../server-connector.ts'
import type { ServerOptions } from '../server-options.ts'
import { MAX_MESSAGE_BYTES, setupOf } from '../server-setup.ts'
import type { Versions } from '../session/link.ts'
import { environmentOf } from './environment.ts'
import { processLink } from './process-link.ts'

export interface ProcessServerOptions extends ServerOptions {
  /** The program: `npx`, `uvx`, `docker`, a path. No shell looks at it. */
  readonly command: string
  readonly args?: readonly string[] | undefined
  /** The program's working directory; this process's own unless given. */
  readonly cwd?: string | undefined
  /** Variables for the program. It gets these, `PATH`, `HOME` and a few more, and nothing else of this process's. */
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Names of this process's own variables that the program may see, too. */
  readonly inheritEnv?: readonly string[] | undefined
  /**
   * Whether the program ends even if this process is killed with SIGKILL, by the out-of-memory killer for one. Costs a
   * small shell process beside the program. POSIX only.
   * @default false
   */
  readonly watchdog?: boolean | undefined
  /** Whether a program that ended by itself is started again when it is next needed; true unless given. */
  readonly restart?: boolean | undefined
  /**
   * Which protocol revisions to speak; `legacy`, which every program understands, unless given. With `auto`, a program
   * that ends over the question is started a second time.
   */
  readonly versions?: Versions | undefined
}

/** A value that is shorter is no secret, and would be found in any text. */
const SHORTEST_SECRET = 8

/**
 * An MCP server that is a program on this machine, talked to over its standard input and output, as a connector.
 *
 * It is started with the first call, and ends, with all that it started, when it is idle or the client closes.
 * @throws ConnectorError CONFIGURATION_ERROR if the composition cannot work
 */
export function mcpProcess(options: ProcessServerOptions): CustomConnector<McpServerTypes, McpServerClient> {
  const { command, args = [], cwd, env = {}, inheritEnv = [], restart = true, watchdog = false } = options
  refuseNonsense({ ...options, command })
  const { id = 'mcp-process', name = command, description, timeoutMs } = options
  const link = processLink({
    command,
    args,
    cwd,
    env: environmentOf(env, inheritEnv),
    watchdog,
    versions: options.versions ?? 'legacy',
    maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
    secrets: [...Object.values(env), ...inheritEnv.map((each) => process.env[each] ?? '')].filter(
      (value) => value.length >= SHORTEST_SECRET,
    ),
  })
  return serverConnector({
    profile: { id, name, description, auth: noAuth, timeoutMs },
    appCredential: {},
    // There is no address. Nothing is ever sent to this one.
    baseUrl: 'http://localhost/',
    setup: setupOf(options, link, { connectTimeoutMs: 60_000, restarts: restart }),
  })
}

/** What a process cannot be started with, however often it is tried. */
function refuseNonsense({ command, args = [], env = {}, watchdog }: ProcessServerOptions): void {
  const isText = (value: unknown) => typeof value === 'string' && !value.includes('\0')
  const fault =
    !isText(command) || command.trim() === ''
      ? 'command is no name of a program'
      : !Array.isArray(args) || !args.every(isText)
        ? 'args is no list of strings'
        : !Object.values(env).every(isText)
          ? 'env holds a value that is no string'
          : watchdog === true && process.platform === 'win32'
            ? 'watchdog does not work on Windows'
            : undefined
  if (fault === undefined) return
  throw new ConnectorError('CONFIGURATION_ERROR', `An MCP program was composed wrongly: ${fault}.`, {
    hint: "Pass command: 'npx' and args: ['-y', 'some-server'], for example.",
  })
}

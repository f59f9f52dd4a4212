import { existsSync } from 'node:fs'
import { parseJSONRPCMessage, serializeMessage } from '@modelcontextprotocol/client'
import type { JSONRPCMessage, RequestId, Transport } from '@modelcontextprotocol/client'
import { ConnectorError } from '@mcpclient/core'
import type { Clock, Logger } from '@mcpclient/core'
import { repairMessage } from '../wire/repair-message.ts'
import { LineReader } from './line-reader.ts'
import { endProcessTree, startProcessTree } from './process-tree.ts'
import type { ProcessOptions, ProcessTree } from './process-tree.ts'
import { logStderr } from './stderr-log.ts'
import type { StderrLog } from './stderr-log.ts'
import { responseId, UnreadableOutput } from './unreadable-output.ts'
import { isNotStarted } from './watchdog.ts'

/** The time in which the exit of a program and the end of its output are both expected, once one of them happened. */
const LAST_OUTPUT_MS = 200

/** System errors that no second attempt fixes. */
const permanent = new Set(['ENOENT', 'EACCES', 'ENOTDIR', 'ENOEXEC', 'E2BIG', 'EPERM', 'ERR_INVALID_ARG_VALUE'])

interface ExitReason {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ProcessTransportOptions extends ProcessOptions {
  readonly serverId: string
  readonly logger: Logger
  readonly clock: Clock
  readonly maxMessageBytes: number
  readonly secrets: readonly string[]
  readonly onRefusedResponse: (id: RequestId | undefined, error: ConnectorError) => void
}

/**
 * A server as a child process: one JSON-RPC message a line. Unlike the SDK's own transport it ends the whole process
 * tree, and survives a message that is too long.
 */
export class ProcessTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  readonly #options: ProcessTransportOptions
  #tree: ProcessTree | undefined
  #stderr: StderrLog | undefined
  #ending: Promise<void> | undefined
  #closed = false
  #references = 0
  #reader: LineReader | undefined
  #unreadable: UnreadableOutput
  /** Whether the program has sent a message. */
  #speaks = false
  /** The reason why the program exited by itself. */
  #exitReason: ExitReason | undefined

  constructor(options: ProcessTransportOptions) {
    this.#options = options
    this.#unreadable = new UnreadableOutput(options.secrets)
  }

  async start(): Promise<void> {
    const { logger, clock, secrets } = this.#options
    const tree = this.#startTree()
    this.#tree = tree
    if (this.#references === 0) tree.unref()
    this.#stderr = logStderr(tree.stderr, { logger, clock, secrets })
    this.#listen(tree)
    await new Promise<void>((resolve, reject) => {
      tree.root.once('spawn', resolve)
      tree.root.once('error', (error) => {
        reject(this.#cannotStart(error))
      })
    })
  }

  async send(message: JSONRPCMessage): Promise<void> {
    const tree = this.#tree
    if (tree === undefined || this.#ending !== undefined || !tree.stdin.writable) throw this.#notRunning()
    if (tree.stdin.write(serializeMessage(message))) return
    await new Promise<void>((resolve) => {
      const onWritable = () => {
        tree.stdin.off('drain', onWritable).off('close', onWritable)
        resolve()
      }
      tree.stdin.on('drain', onWritable).on('close', onWritable)
    })
  }

  /** Ends the process tree. */
  async close(): Promise<void> {
    await this.#end()
    this.#emitClose()
  }

  ref(): void {
    this.#references += 1
    if (this.#references === 1) this.#tree?.ref()
  }

  unref(): void {
    this.#references -= 1
    if (this.#references === 0 && this.#ending === undefined) this.#tree?.unref()
  }

  /** Adds the program's exit reason and its output to a failure of the connection. */
  explain(failure: ConnectorError): ConnectorError {
    const { serverId, command, watchdog } = this.#options
    const reason = this.#exitReason
    if (watchdog && !this.#speaks && isNotStarted(reason?.code ?? null)) return this.#cannotStart({ code: 'ENOENT' })
    const stderr = this.#stderr?.lastLines()
    const stdout = this.#speaks ? undefined : this.#unreadable.text(this.#reader?.pending ?? '')
    const hint = [
      failure.details.hint,
      reason && (reason.signal === null ? `It exited with code ${reason.code}.` : `${reason.signal} ended it.`),
      stderr && `Its last output: ${stderr}`,
      stdout && `It wrote to its standard output what is not MCP: ${stdout}`,
      this.#advice(reason, stdout ?? stderr),
    ]
    const details = { ...failure.details, hint: hint.filter(Boolean).join(' ') || undefined }
    const how = reason && (reason.signal === null ? `exited with code ${reason.code}` : `was ended by ${reason.signal}`)
    const when = this.#speaks ? '' : ' before it spoke MCP'
    const message = how === undefined ? failure.message : `${serverId} is not running: ${command} ${how}${when}.`
    return new ConnectorError(failure.code, message, details, { cause: failure })
  }

  #advice(reason: ExitReason | undefined, output: string | undefined): string | undefined {
    if (this.#speaks) return undefined
    if (reason !== undefined) return 'Run the command with its `args` and `env` in a terminal.'
    return output === undefined
      ? 'Check that the command is an MCP server over stdio: it wrote nothing.'
      : 'Check that the command is an MCP server over stdio: one message a line, logs to standard error.'
  }

  #startTree(): ProcessTree {
    try {
      return startProcessTree(this.#options)
    } catch (error) {
      throw this.#cannotStart(error as NodeJS.ErrnoException)
    }
  }

  #listen(tree: ProcessTree): void {
    const { logger, maxMessageBytes } = this.#options
    const reader = (this.#reader = new LineReader(maxMessageBytes, {
      onLine: (line) => {
        this.#receive(line)
      },
      onOverlong: (head, tail) => {
        const id = responseId(head, tail)
        logger.warn({ id, maxMessageBytes }, 'Dropped a message that is too long.')
        if (id === undefined) this.#unreadable.add(head)
        this.#options.onRefusedResponse(id, this.#tooLong())
      },
    }))
    tree.stdout.on('data', (chunk: Buffer) => {
      reader.push(chunk)
    })
    const onFailure = (error: Error) => this.onerror?.(error)
    tree.stdin.on('error', onFailure)
    tree.stdout.on('error', onFailure)
    tree.stderr.on('error', onFailure)
    const onEnd = () => {
      // Processes that the program started may still run.
      this.#end().catch(onFailure)
      this.#emitClose()
    }
    tree.root.once('exit', (code, signal) => {
      // If this side ended the program, its exit explains nothing.
      if (this.#ending === undefined) this.#exitReason = { code, signal }
    })
    tree.root.once('close', onEnd)
    const endSoon = () => {
      this.#options.clock.schedule(LAST_OUTPUT_MS, onEnd)
    }
    // No response can arrive any more. A moment later the exit reason is usually known as well.
    tree.stdout.once('end', endSoon)
    // A process that it started may keep its output open. Its own output arrives within a moment.
    tree.root.once('exit', endSoon)
  }

  #receive(line: string): void {
    // Some runtimes write a byte order mark at the beginning of every stream.
    const text = this.#speaks ? line : line.replace(/^\uFEFF/u, '')
    if (text === '') return
    let message: JSONRPCMessage
    try {
      message = parseJSONRPCMessage(repairMessage(JSON.parse(text)))
    } catch (error) {
      // Programs print logs to their output. That is no message, and no reason to close the connection.
      this.#unreadable.add(text)
      this.onerror?.(error instanceof Error ? error : new Error(String(error)))
      return
    }
    this.#speaks = true
    this.onmessage?.(message)
  }

  #end(): Promise<void> {
    if (this.#tree === undefined) return Promise.resolve()
    this.#ending ??= endProcessTree(this.#tree, this.#options.clock)
    return this.#ending
  }

  #emitClose(): void {
    if (this.#closed) return
    this.#closed = true
    this.onclose?.()
  }

  #cannotStart(error: NodeJS.ErrnoException | { readonly code: string }): ConnectorError {
    const { serverId, command, args, cwd } = this.#options
    const { code = 'an error' } = error
    const [program = ''] = command.trim().split(/\s+/u)
    const isCommandLine = code === 'ENOENT' && args.length === 0 && program !== command
    const hint = isCommandLine
      ? `Arguments belong in \`args\`: pass command: '${program}' and the rest in args.`
      : cwd !== undefined && !existsSync(cwd)
        ? 'Create the working directory `cwd`, or pass another one.'
        : 'Install the command, put it on the PATH, or pass its full path.'
    return new ConnectorError(
      permanent.has(code) ? 'CONFIGURATION_ERROR' : 'MCP_CONNECTION_ERROR',
      `${serverId} cannot be started: ${command} gives ${code}.`,
      { outcome: 'not_processed', hint },
      { cause: error },
    )
  }

  #notRunning(): ConnectorError {
    const message = `${this.#options.serverId} is not running.`
    return this.explain(new ConnectorError('MCP_CONNECTION_ERROR', message, { outcome: 'not_processed' }))
  }

  #tooLong(): ConnectorError {
    const { serverId, maxMessageBytes } = this.#options
    return new ConnectorError(
      'DATA_TRANSFORMATION_ERROR',
      `${serverId} sent a message of more than ${maxMessageBytes} bytes.`,
      { hint: 'Request less from the tool, or raise maxMessageBytes.' },
    )
  }
}

import { ConnectorError } from '../errors/connector-error.ts'

/** Maximum length of a function name that AI providers accept. */
const MAX_LENGTH = 64

const legal = /^[a-zA-Z0-9_-]+$/
const JOINT = '__'

/** A tool with the id of its server, as in `(await mcp.listTools()).tools`. */
export interface NamedTool {
  readonly serverId: string
  readonly name: string
}

/** Unique names for the tools of many servers. */
export interface ToolNames {
  readonly all: readonly string[]
  /**
   * Returns the unique name of a tool of the list.
   * @throws ConnectorError TOOL_NOT_SUPPORTED if the list has no such tool
   */
  nameOf(serverId: string, tool: string): string
  /** Returns the tool that a name belongs to, or undefined if there is none. */
  toolOf(name: string): NamedTool | undefined
}

/**
 * Creates a unique name for each tool: `A-Z a-z 0-9 _ -`, at most 64 characters, as AI providers require.
 *
 * A name is `server__tool` if that is unambiguous; otherwise it ends in a hash of both. It does not depend on the rest of
 * the list, so it can be stored, and no server can claim the name of another server's tool.
 */
export function createToolNames(tools: readonly NamedTool[]): ToolNames {
  const named = new Map<string, NamedTool>()
  let unnamed = [...new Map(tools.map((tool) => [identity(tool), tool])).values()]
  for (let hashLength = 0; unnamed.length > 0 && hashLength <= MAX_HASH_LENGTH; hashLength += HASH_STEP) {
    const rivals = Map.groupBy(unnamed, (tool) => nameWith(hashLength, tool))
    unnamed = []
    for (const [name, [tool, ...others]] of rivals) {
      if (name !== undefined && tool !== undefined && others.length === 0) named.set(name, tool)
      else if (tool !== undefined) unnamed.push(tool, ...others)
    }
  }
  // Only an attacker can make the longest hashes collide. The index keeps the names unique.
  for (const [index, tool] of unnamed.entries())
    named.set(`${nameWith(MAX_HASH_LENGTH, tool)?.slice(-50)}_${index}`, tool)
  const names = new Map([...named].map(([name, tool]) => [identity(tool), name]))
  return {
    all: [...named.keys()],
    nameOf(serverId, tool) {
      const name = names.get(identity({ serverId, name: tool }))
      if (name !== undefined) return name
      throw new ConnectorError('TOOL_NOT_SUPPORTED', `The list has no tool "${tool.slice(0, 128)}" of ${serverId}.`, {
        outcome: 'not_processed',
        hint: 'Call createToolNames() with the list that contains the tool.',
      })
    },
    toolOf: (name) => named.get(name),
  }
}

const HASH_STEP = 8
const MAX_HASH_LENGTH = 48

const identity = ({ serverId, name }: NamedTool): string => JSON.stringify([serverId, name])

/** Returns the name with a hash of `hashLength` digits, or undefined if the name needs a hash and gets none. */
function nameWith(hashLength: number, tool: NamedTool): string | undefined {
  const { serverId, name } = tool
  const plain = `${serverId}${JOINT}${name}`
  if (hashLength === 0) return isUnambiguous(serverId, plain) ? plain : undefined
  const hash = hashOf(identity(tool), hashLength)
  return `${plain.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, MAX_LENGTH - hash.length - 1)}_${hash}`
}

/** Returns whether a name needs no hash: its first joint separates server and tool, and its end is not a hash. */
const isUnambiguous = (serverId: string, plain: string): boolean =>
  plain.length <= MAX_LENGTH &&
  legal.test(plain) &&
  !serverId.includes(JOINT) &&
  !serverId.endsWith('_') &&
  !/_[0-9a-f]{8,}$/.test(plain)

/** FNV-1a, with another seed for every eight digits. */
function hashOf(text: string, length: number): string {
  let hash = ''
  for (let round = 0; hash.length < length; round++) {
    let state = (0x811c9dc5 ^ Math.imul(round, 0x9e3779b9)) >>> 0
    for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193) >>> 0
    hash += state.toString(16).padStart(8, '0')
  }
  return hash
}

/** The longest name that AI providers take for a function. */
const LONGEST = 64

const legal = /^[a-zA-Z0-9_-]+$/
const JOINT = '__'

/** A tool as the whole client knows it: `(await mcp.listTools()).tools` is a list of them. */
export interface NamedTool {
  readonly serverId: string
  readonly name: string
}

/** Names for the tools of many servers, each of which leads back to its tool. */
export interface ToolNames {
  readonly all: readonly string[]
  /** The name of a tool; undefined if it was not in the list. */
  nameOf(serverId: string, tool: string): string | undefined
  /** The tool of a name; undefined if no tool has it. */
  toolOf(name: string): NamedTool | undefined
}

/**
 * Gives each tool one name of its own, made of `A-Z a-z 0-9 _ -` and at most 64 characters long, as AI providers ask.
 *
 * A name is `server__tool` wherever that says unmistakably which tool is meant; else it ends in a hash of both. A name
 * does not depend on what else is in the list, so it can be kept; and no server can take over the name of another one's
 * tool by calling its own cleverly. Only two tools whose hashes are the same get longer ones.
 */
export function createToolNames(tools: readonly NamedTool[]): ToolNames {
  const distinct = new Map(tools.map((tool) => [identity(tool), tool]))
  const named = new Map<string, NamedTool>()
  let unnamed = [...distinct.values()]
  for (let hashLength = 0; unnamed.length > 0 && hashLength <= LONGEST_HASH; hashLength += HASH_STEP) {
    const rivals = new Map<string | undefined, NamedTool[]>()
    for (const tool of unnamed) {
      const name = nameWith(hashLength, tool)
      const group = rivals.get(name)
      if (group === undefined) rivals.set(name, [tool])
      else group.push(tool)
    }
    unnamed = []
    for (const [name, [tool, ...others]] of rivals) {
      if (name !== undefined && tool !== undefined && others.length === 0) named.set(name, tool)
      else if (tool !== undefined) unnamed.push(tool, ...others)
    }
  }
  const names = new Map([...named].map(([name, tool]) => [identity(tool), name]))
  return {
    all: [...named.keys()],
    nameOf: (serverId, name) => names.get(identity({ serverId, name })),
    toolOf: (name) => named.get(name),
  }
}

const HASH_STEP = 8
/** Beyond chance: two tools of one 48-digit hash were made to have it, and neither gets a name. */
const LONGEST_HASH = 48

const identity = ({ serverId, name }: NamedTool): string => JSON.stringify([serverId, name])

/** The name with a hash of so many digits; undefined if it would not do without one. */
function nameWith(hashLength: number, tool: NamedTool): string | undefined {
  const { serverId, name } = tool
  const plain = serverId + JOINT + name
  if (hashLength === 0) return isUnmistakable(serverId, plain) ? plain : undefined
  const hash = hashOf(identity(tool), hashLength)
  return `${plain.replaceAll(/[^a-zA-Z0-9_-]/g, '_').slice(0, LONGEST - hash.length - 1)}_${hash}`
}

/** The first joint is the one between server and tool, and the end is no hash. */
const isUnmistakable = (serverId: string, plain: string): boolean =>
  plain.length <= LONGEST &&
  legal.test(plain) &&
  !serverId.includes(JOINT) &&
  !serverId.endsWith('_') &&
  !/_[0-9a-f]{8,}$/.test(plain)

/** FNV-1a over the text, from another start for every eight digits. */
function hashOf(text: string, length: number): string {
  let hash = ''
  for (let round = 0; hash.length < length; round++) {
    let state = (0x811c9dc5 ^ Math.imul(round, 0x9e3779b9)) >>> 0
    for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193) >>> 0
    hash += state.toString(16).padStart(8, '0')
  }
  return hash
}

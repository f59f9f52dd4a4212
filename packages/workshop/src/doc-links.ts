import { posix } from 'node:path'
import { REPOSITORY } from './shape-rules.ts'

/** Pages by path from the root. */
export type Pages = ReadonlyMap<string, string>

/**
 * Returns a sentence for each link that leads nowhere: to a path that does not exist, or to a heading that its page does
 * not have. Links to other sites are not followed.
 * @param exists returns whether a path from the root is there
 */
export function deadPageLinks(pages: Pages, exists: (path: string) => boolean): readonly string[] {
  const anchors = new Map([...pages].map(([path, text]) => [path, anchorsOf(text)]))
  return [...pages].flatMap(([path, text]) =>
    linksIn(text).flatMap(({ line, target }) => {
      const [file, anchor] = placeOf(path, target) ?? []
      if (file === undefined) return []
      const found = file === '' || exists(file)
      const isHeading = anchor === undefined || anchors.get(file)?.has(anchor) !== false
      return found && isHeading ? [] : [`${path}:${line} links to ${target}, which does not exist`]
    }),
  )
}

/** Returns the path from the root and the anchor that a link leads to, or undefined for another site. */
function placeOf(page: string, target: string): readonly [file: string, anchor: string | undefined] | undefined {
  const [, ours] = new RegExp(`^${REPOSITORY}/(?:tree|blob)/main/(.+)$`).exec(target) ?? []
  if (ours === undefined && /^[a-z][a-z+.-]*:/i.test(target)) return undefined
  const [path = '', anchor] = (ours ?? target).split('#')
  if (path === '') return [page, anchor]
  const file = ours === undefined ? posix.join(posix.dirname(page), path) : path
  return [file.replace(/\/$/, ''), anchor]
}

const linksIn = (text: string): readonly { readonly line: number; readonly target: string }[] =>
  prose(text).flatMap((words, index) =>
    [...words.replaceAll(/`[^`]*`/g, 'code').matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => ({
      line: index + 1,
      target,
    })),
  )

/** Returns the anchors that GitHub gives the headings of a page. Equal headings are numbered. */
function anchorsOf(text: string): ReadonlySet<string> {
  const found = new Set<string>()
  const counts = new Map<string, number>()
  for (const line of prose(text)) {
    const [, heading] = /^#{1,6} (.+)$/.exec(line) ?? []
    if (heading === undefined) continue
    const slug = heading
      .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
    const count = counts.get(slug) ?? 0
    counts.set(slug, count + 1)
    found.add(count === 0 ? slug : `${slug}-${count}`)
  }
  return found
}

/** Returns the lines of a page, with those of code blocks emptied. */
function prose(text: string): readonly string[] {
  let fence: string | undefined
  return text.split('\n').map((line) => {
    const [mark] = /^\s*(?:`{3,}|~{3,})/.exec(line) ?? []
    if (mark === undefined) return fence === undefined ? line : ''
    if (fence === undefined) fence = mark.trim()
    else if (mark.trim().startsWith(fence)) fence = undefined
    return ''
  })
}

import { argv, stdout } from 'node:process'
import { readTree, root } from './tree.ts'
import { printFinding, wordingFindings } from './wording-rules.ts'

/** Prints every finding of the wording rules below the given paths, or of all files. */
const paths = argv.slice(2).map((path) => path.replace(/\/$/, ''))
const tree = [...readTree(root)].filter(
  ([path]) => paths.length === 0 || paths.some((each) => path === each || path.startsWith(`${each}/`)),
)
const findings = wordingFindings(new Map(tree))
for (const finding of findings) stdout.write(`${printFinding(finding)} (${finding.reason})\n`)
stdout.write(`${findings.length} findings\n`)

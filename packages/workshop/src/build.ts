import { execFile } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { publishedPackages, type WorkspacePackage } from './manifest.ts'
import { readTree, root } from './tree.ts'

const recipe = join(import.meta.dirname, 'build-here.ts')

/** Builds packages side by side, each in a process of its own: tsup reads what it builds from the working folder. */
export async function buildPackages(packages: readonly WorkspacePackage[]): Promise<void> {
  const waiting = [...packages]
  const worker = async (): Promise<void> => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
      const began = performance.now()
      const { name } = each.manifest
      await runRecipe(each)
      console.log(`built ${name} in ${Math.round(performance.now() - began)} ms`)
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, worker))
}

function runRecipe({ folder, manifest }: WorkspacePackage): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [recipe], { cwd: join(root, folder) }, (error, stdout, stderr) => {
      if (error === null) resolve()
      else reject(new Error(`${manifest.name} does not build.\n${stdout}${stderr}`))
    })
  })
}

if (import.meta.main) {
  const wanted = process.argv.slice(2)
  const packages = publishedPackages(readTree(root))
  await buildPackages(packages.filter(({ manifest }) => wanted.length === 0 || wanted.includes(manifest.name)))
}

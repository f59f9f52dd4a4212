#!/usr/bin/env node
// Runs before a package is packed. Only pnpm puts versions in place of `catalog:` and `workspace:`, so a tarball that npm
// makes could not be installed.
import { existsSync } from 'node:fs'

const packer = process.env['npm_config_user_agent'] ?? ''
const problem = !packer.startsWith('pnpm/')
  ? 'npm and yarn leave "catalog:" and "workspace:" in the manifest, so nobody could install the tarball.'
  : existsSync('dist')
    ? undefined
    : 'dist/ is missing, because the package has not been built.'
if (problem !== undefined) {
  process.stderr.write(
    `${problem}\nRun "npm run pack -- <folder>" at the root of the workspace: it builds, then packs.\n`,
  )
  process.exit(1)
}

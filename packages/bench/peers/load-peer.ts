/**
 * Loads a package that only the bench installs, from the `node_modules` beside this file.
 *
 * The workspace does not know these packages: together they are half a gigabyte, which no other command should fetch.
 */
export const loadPeer = async <Module>(name: string): Promise<Module> => (await import(name)) as Module

/** The file descriptor on which the watchdog waits for this process to end. */
export const WATCHDOG_FD = 3

/**
 * Runs in a shell: a process beside the program that reads from a pipe of ours. The pipe ends with this process, however
 * that ends, and the watchdog then ends the program's process group. A line on the pipe ends the watchdog alone. The
 * program takes the place of the shell, so its process id and its exit code are its own.
 */
const SCRIPT = `
(
  exec </dev/null >/dev/null 2>&1
  trap "" TERM INT HUP
  read -r line <&${WATCHDOG_FD} && exit 0
  kill -TERM -$$
  sleep 1
  kill -KILL -$$
) &
exec ${WATCHDOG_FD}<&-
exec "$@"
`

/** Returns the command line that runs a program beside a watchdog. */
export const withWatchdog = (command: string, args: readonly string[]) => ({
  command: '/bin/sh',
  args: ['-c', SCRIPT, 'sh', command, ...args],
})

/** How a shell ends that cannot start the program. */
export const isNotStarted = (exitCode: number | null): boolean => exitCode === 127 || exitCode === 126

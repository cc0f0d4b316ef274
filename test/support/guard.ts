// Ends a process and removes its folder when the test process ends, however it ends.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Watches over one folder and the process that uses it. */
export interface Guard {
  /** Names the process to end with us, or with `undefined` that there is none any more. */
  watch(pid: number | undefined): void
  /** Ends the watched process, removes the folder and resolves when that is done. */
  end(): Promise<void>
}

/**
 * Starts a shell that reads the id of the process to end from us. Its standard input closes with our last breath, even
 * after SIGKILL, where no exit handler runs.
 */
export function guard(folder: string): Guard {
  const script = 'while read -r id; do pid=$id; done; [ -z "$pid" ] || kill -9 "$pid"; rm -rf "$0"'
  const shell = spawn('sh', ['-c', script, folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  shell.unref()
  return {
    watch: (pid) => void shell.stdin.write(`${pid ?? ''}\n`),
    async end() {
      if (shell.exitCode !== null) return
      shell.ref()
      shell.stdin.end()
      await once(shell, 'exit')
    },
  }
}

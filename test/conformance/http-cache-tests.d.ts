// The parts of the public suite that we call; it has no types of its own.
declare module 'http-cache-tests/client/runner.mjs' {
  export function runTests(
    groups: readonly unknown[],
    fetch: (...args: never[]) => unknown,
    browser: boolean,
    base: string,
    atOnce?: number,
  ): Promise<void>
  export function getResults(): Record<string, true | [name: string, message: string]>
}

declare module 'http-cache-tests/tests/index.mjs' {
  const groups: readonly import('./suite.ts').Group[]
  // biome-ignore lint/style/noDefaultExport: the suite's
  export default groups
}

declare module 'http-cache-tests/tests/surrogate-control.mjs' {
  const group: import('./suite.ts').Group
  // biome-ignore lint/style/noDefaultExport: the suite's
  export default group
}

declare module 'http-cache-tests/server/*' {
  const handle: (
    segments: readonly string[],
    req: import('node:http').IncomingMessage,
    res: import('node:http').ServerResponse,
  ) => void
  // biome-ignore lint/style/noDefaultExport: the suite's
  export default handle
}

declare module 'node-fetch' {
  const fetch: (url: string, init?: object) => Promise<unknown>
  // biome-ignore lint/style/noDefaultExport: the package's
  export default fetch
}

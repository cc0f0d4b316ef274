// Builds dist/ anew from src/.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.mjs'

rmSync(join(root, 'dist'), { recursive: true, force: true })
process.exitCode = await run('tsc', ['-p', 'tsconfig.build.json'])

/** Acts once a write has succeeded, before its answer leaves. */
import type { Context, Next } from 'koa'
import { type Act, holdAnswer } from '../http/hold.ts'
import { koaStream } from './body.ts'

/** Runs what comes after, and acts once it has succeeded, before the answer leaves. */
export async function actAfter(ctx: Context, next: Next, act: Act, patient = false): Promise<void> {
  // A handler that answers by `ctx.res` itself is held there, and so is what a stream writes while it answers.
  let done = 0
  holdAnswer(ctx.res, (last) => (done-- > 0 ? undefined : act(last)), patient)
  await next()
  if (ctx.respond === false || ctx.res.headersSent || ctx.status >= 400) return
  // Once, at the first byte, the response has nothing to do that is not done here; for whole bodies that is all.
  const isWhole = koaStream(ctx.body) === undefined
  done = isWhole ? Number.POSITIVE_INFINITY : 1
  await act(isWhole)
}

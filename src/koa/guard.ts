/** `guard` as Koa middleware: 404 for what cannot exist, and new ids into the filter. */
import type { Context, Middleware } from 'koa'
import type { BloomFilter } from '../guard/bloom/filter.ts'
import { admits, type IdOf, type IdsOf, passes } from '../guard/bloom/guarding.ts'
import { nonexistent } from '../http/bare-answer.ts'
import { actAfter } from './act-after.ts'
import type { KoaSubject } from './exchange.ts'

/** `guard`, and what adds to its filter. */
export interface Guard {
  /**
   * Middleware that answers 404 to requests for ids that cannot exist, and lets all others pass; so, too, where the filter cannot tell.
   *
   * @param idOf the id that is asked for; undefined = none, the request passes. Where it throws, too
   * @throws CacheConfigError without a filter or a function
   * @example router.get('/users/:id', guard(users, (ctx) => ctx.params.id), getUser)
   */
  (filter: BloomFilter, idOf: IdOf<KoaSubject>): Middleware
  /**
   * Middleware that adds ids once what comes after it succeeded, before the answer leaves. Where Redis does not take them within the
   * filter's budget, they wait in this process until it does.
   *
   * @param idsOf called after the handler: what it has added
   * @throws CacheConfigError without a filter or a function
   * @example router.post('/users', guard.add(users, (ctx) => ctx.body.id), postUser)
   */
  add(filter: BloomFilter, idsOf: IdsOf<KoaSubject>): Middleware
}

function guardRoute(filter: BloomFilter, idOf: IdOf<KoaSubject>): Middleware {
  const mayPass = passes(filter, idOf)
  return async function tiercacheGuard(ctx, next) {
    if (await mayPass(ctx)) return next()
    answerNonexistent(ctx)
  }
}

function add(filter: BloomFilter, idsOf: IdsOf<KoaSubject>): Middleware {
  const admit = admits(filter, idsOf)
  return function tiercacheGuardAdd(ctx, next) {
    return actAfter(ctx, next, () => admit(ctx))
  }
}

function answerNonexistent(ctx: Context): void {
  ctx.status = nonexistent.status
  for (const [name, value] of nonexistent.headers) ctx.set(name, value as string)
  ctx.body = nonexistent.body.toString()
}

/** Both, as the one name that users know. */
export const koaGuard: Guard = Object.assign(guardRoute, { add })
